"""Matches a parsed article with the one imported before, and its sentences with their claims."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import F, Q
from rapidfuzz import fuzz, process

from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.articles.records import ParsedArticle, Statement
from factcheck.imports.articles.sentence_keys import sentence_key
from factcheck.models import Article, Claim, Outlet
from factcheck.text.name_keys import name_key

# Percent: a sentence with one number or word corrected is still the same.
_MIN_SIMILARITY = 85
_MAX_COMPARED = 200


def find_article(parsed: ParsedArticle, *, publisher: Outlet | None = None) -> Article | None:
    """Return the article that `parsed` is a version of.

    It has the same text and no different link. Or it has the same link, or has or had the same
    title, and the two share more than half of the shorter one's sentences. So two different
    articles with one title or link stay separate.
    """
    if parsed.text:
        for article in Article.objects.filter(text=parsed.text).order_by("pk"):
            if _agree(article.url, parsed.url) and _is_published_by(article, publisher):
                return article
    condition = Q(pk__in=_ids_with_same_title(parsed))
    if parsed.url:
        condition |= Q(url=parsed.url)
    for article in Article.objects.filter(condition).order_by("pk"):
        is_version = not article.text or _is_version(article.text, parsed)
        if is_version and _is_published_by(article, publisher):
            return article
    return None


def _is_published_by(article: Article, publisher: Outlet | None) -> bool:
    """Return whether an article has, or had before an edit, this publisher."""
    if _agree(article.publisher_id, publisher and publisher.pk):
        return True
    return article.history.filter(publisher=publisher).exists()


def _is_version(text: str, parsed: ParsedArticle) -> bool:
    """Return whether two texts share most sentences of the shorter one, similar ones included."""
    old_keys = Counter(sentence_key(statement.text) for statement in read_article(text).statements)
    new_keys = Counter(sentence_key(statement.text) for statement in parsed.statements)
    shorter = min(old_keys.total(), new_keys.total())
    shared = (old_keys & new_keys).total()
    if 2 * shared <= shorter:
        old, new = list((old_keys - new_keys).elements()), list((new_keys - old_keys).elements())
        for sentence in new[:_MAX_COMPARED]:
            match = process.extractOne(
                sentence, old[:_MAX_COMPARED], scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY
            )
            if match:
                old.remove(match[0])
                shared += 1
    return 2 * shared > shorter or shorter == 0


def _ids_with_same_title(parsed: ParsedArticle) -> set[int]:
    """Return the ids of articles that have or had this title, and whose author and date agree.

    Titles are compared in Python: databases differ in folding case, and editors in quotation marks.
    """
    title, author = name_key(parsed.title[:300]), name_key(parsed.author[:200])
    earlier: Iterable[tuple[Any, ...]] = Article.history.values_list(
        "id", "title", "author", "published_text"
    )
    current = Article.objects.order_by().values_list("pk", "title", "author", "published_text")
    return {
        pk
        for pk, old_title, old_author, day in (*current, *earlier)
        if name_key(old_title) == title
        and _agree(name_key(old_author), author)
        and (day.startswith(parsed.published) or parsed.published.startswith(day))
    }


def _agree(left: Any, right: Any) -> bool:
    """Return whether two values are equal, or one of them is missing."""
    return left == right or not left or not right


def match_claims(
    article: Article | None, statements: Sequence[Statement]
) -> tuple[list[Claim | None], list[Claim]]:
    """Return the existing claim of each statement, and the claims whose sentence was removed.

    Claims match by text and offset, then by text, then by their words without parentheses. So if a
    sentence occurs twice, each occurrence keeps its claim.
    """
    matched: list[Claim | None] = [None] * len(statements)
    if article is None or article.pk is None:
        return matched, []
    claims = article.claims.exclude(source_text="").prefetch_related("citations__outlet")
    unmatched = dict.fromkeys(claims.order_by(F("start").asc(nulls_last=True), "pk"))
    rules: tuple[tuple[Callable[[Statement], Any], Callable[[Claim], Any]], ...] = (
        (lambda new: (new.text, new.start), lambda old: (old.source_text, old.start)),
        (lambda new: new.text, lambda old: old.source_text),
        (lambda new: sentence_key(new.text), lambda old: sentence_key(old.source_text)),
    )
    for statement_key, claim_key in rules:
        claims_by_key = defaultdict(list)
        for claim in unmatched:
            claims_by_key[claim_key(claim)].append(claim)
        for index, statement in enumerate(statements):
            if matched[index] is None and (candidates := claims_by_key[statement_key(statement)]):
                matched[index] = claim = candidates.pop(0)
                del unmatched[claim]
    return matched, list(unmatched)
