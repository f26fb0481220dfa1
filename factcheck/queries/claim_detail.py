"""A claim with all that its own page shows, and what rows of a list name beside each claim."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from factcheck import sql
from factcheck.db.compiled_queries import Prepared
from factcheck.models import Citation, Claim, Evidence, Topic, Verification

_MOST_RELATED = 4


def dossier(slug: str) -> Claim | None:
    """Return a claim with claimant, article, topics, citations (`cited`) and its log (`log`)."""
    claim: Claim | None = next(iter(_claims(slug)), None)
    if claim is None:
        return None
    claim.cited, claim.log = _cited(claim.pk), _log(claim.pk)
    belonging: list[Any] = [*claim.cited, *claim.log]
    for row in belonging:
        row.claim = claim
    entries = {entry.pk: entry for entry in claim.log}
    evidence = defaultdict(list)
    for record in _evidence(claim.pk) if entries else ():
        record.verification = entries[record.verification_id]
        evidence[record.verification_id].append(record)
    for pk, entry in entries.items():
        _know(entry, "evidence", evidence[pk])
    _know(claim, "topics", _topics(claim.pk))
    return claim


def related(claim: Claim) -> list[Any]:
    """Return some other published claims of the same paragraph, or else of the same claimant.

    They are rows as of `ClaimQuerySet.for_list`.
    """
    if claim.article_id and claim.paragraph:
        return _of_paragraph(claim.article_id, claim.paragraph, claim.pk)
    return _of_claimant(claim.claimant_id, claim.pk) if claim.claimant_id else []


def outlets_of(claim_ids: Iterable[int]) -> list[tuple[int, str, str, str]]:
    """Return claim, and slug, name and control of the outlet, of each citation of some claims."""
    ids = list(claim_ids)
    return _outlets_of(ids) if ids else []


@Prepared
def _claims(slug: str) -> Any:
    found = Claim.objects.filter(slug=slug).select_related("claimant", "article")
    # What is for editors alone, and as long as an article.
    return found.defer("source_text", "article__text", "article__seen")


@Prepared
def _cited(claim: int) -> Any:
    return Citation.objects.filter(claim=claim).with_outlet()


@Prepared
def _log(claim: int) -> Any:
    return Verification.objects.filter(claim=claim).with_publisher()


@Prepared
def _evidence(claim: int) -> Any:
    return Evidence.objects.filter(verification__claim=claim)


@Prepared
def _topics(claim: int) -> Any:
    return Topic.objects.filter(claims=claim)


@Prepared
def _of_paragraph(article: int, paragraph: int, claim: int) -> Any:
    there = Claim.objects.published().filter(article=article, paragraph=paragraph)
    return there.exclude(pk=claim).in_reading_order().for_list()[:_MOST_RELATED]


@Prepared
def _of_claimant(claimant: int, claim: int) -> Any:
    said = Claim.objects.published().filter(claimant=claimant).exclude(pk=claim)
    return said.newest().for_list()[:_MOST_RELATED]


@Prepared
def _outlets_of(claims: list[int]) -> Any:
    cited = Citation.objects.filter(claim__in=sql.within(claims))
    names = cited.values_list("claim", "outlet__slug", "outlet__name", "outlet__control")
    return names.order_by("claim", "position", "pk")


def _know(row: Model, name: str, found: list[Any]) -> None:
    """Give a row those of another table that belong to it, as Django's own prefetching does."""
    rows = getattr(row, name).all()
    rows._result_cache, rows._prefetch_done = found, True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = rows
