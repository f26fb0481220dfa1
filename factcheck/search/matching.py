"""The claims in which every word stands, in any order, case and script as written."""

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable

from factcheck.models import ClaimQuerySet, SearchDocument, SearchPending
from factcheck.search.indexing import documents
from factcheck.search.words import words


def matching(typed: str) -> Q:
    """Return the condition that a claim holds every word of `typed`; an empty one for no word.

    A word is found in the claim's text, its claimant's names or the names of an outlet it cites,
    also as a part of a longer word. It is read once and composes with any other condition.
    """
    looked_for = words(typed)
    if not looked_for:
        return Q()
    hit = Q()
    for word in looked_for:
        hit &= Q(claim_words__contains=word) | Q(outlet_words__contains=word)
    indexed = Q(Exists(SearchDocument.objects.filter(hit, claim=OuterRef("pk"))))
    pending = set(SearchPending.objects.values_list("claim_id", flat=True))
    if not pending:
        return indexed
    found = [
        document.claim_id
        for document in documents(pending)
        if all(word in f"{document.claim_words}\n{document.outlet_words}" for word in looked_for)
    ]
    return Q(pk__in=found) | indexed & ~Q(pk__in=SearchPending.objects.values("claim_id"))


def with_score(claims: ClaimQuerySet, typed: str) -> ClaimQuerySet:
    """Annotate `score`: how many words of `typed` stand in the claim or its claimant itself.

    A queued claim is found by its newest words, but ranked by those of its last document.
    """
    score: Combinable = Value(0, output_field=IntegerField())
    for word in words(typed):
        score = score + Case(
            When(search_document__claim_words__contains=word, then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
    return claims.annotate(score=score)
