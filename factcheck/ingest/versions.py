"""Of which article a reading is a version, and which of its claims are whose sentences."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import F, Q

from factcheck.ingest.keys import sentence_key, statement_key
from factcheck.ingest.records import ReadArticle, Statement
from factcheck.models import Article, Claim, Outlet
from factcheck.text import name_key


def find_article(read: ReadArticle, *, publisher: Outlet | None = None) -> Article | None:
    """Return the article that `read` is a version of.

    It has the same link or text, or is or was called the same; and where an import has read it,
    it shares a sentence: two articles of one name or link stay two.
    """
    sentences = {statement_key(statement.text) for statement in read.statements}
    same = Q(pk__in=_called_the_same(read))
    if read.url:
        same |= Q(url=read.url)
    if read.text:
        same |= Q(text=read.text)
    for article in Article.objects.filter(same).order_by("pk"):
        shares = not article.seen or not sentences or sentences.intersection(article.seen)
        if shares and _agree(article.publisher_id, publisher and publisher.pk):
            return article
    return None


def _called_the_same(read: ReadArticle) -> set[int]:
    """Return the ids of articles that ever had this title, by an author and of a day that agree.

    Titles are folded as they are read: engines differ in what case is, and editors in quotes.
    """
    title, author = name_key(read.title[:300]), name_key(read.author[:200])
    ever: Iterable[tuple[Any, ...]] = Article.history.values_list(
        "id", "title", "author", "published_text"
    )
    now = Article.objects.order_by().values_list("pk", "title", "author", "published_text")
    return {
        pk
        for pk, *called, day in (*now, *ever)
        if name_key(called[0]) == title
        and _agree(name_key(called[1]), author)
        and (day.startswith(read.published) or read.published.startswith(day))
    }


def _agree(one: Any, other: Any) -> bool:
    return one == other or not one or not other


def claims_of(
    article: Article | None, statements: Sequence[Statement]
) -> tuple[list[Claim | None], list[Claim]]:
    """Return the claim that each statement has already, and the claims whose sentence is gone.

    A sentence that stands twice keeps each claim in its place; else the same words decide,
    whatever their parentheses hold.
    """
    found: list[Claim | None] = [None] * len(statements)
    if article is None or article.pk is None:
        return found, []
    claims = article.claims.exclude(source_text="").prefetch_related("citations__outlet")
    left = dict.fromkeys(claims.order_by(F("start").asc(nulls_last=True), "pk"))
    rules: tuple[tuple[Callable[[Statement], Any], Callable[[Claim], Any]], ...] = (
        (lambda read: (read.text, read.start), lambda claim: (claim.source_text, claim.start)),
        (lambda read: read.text, lambda claim: claim.source_text),
        (lambda read: sentence_key(read.text), lambda claim: sentence_key(claim.source_text)),
    )
    for of_statement, of_claim in rules:
        waiting = defaultdict(list)
        for claim in left:
            waiting[of_claim(claim)].append(claim)
        for place, statement in enumerate(statements):
            if found[place] is None and (same := waiting[of_statement(statement)]):
                found[place] = claim = same.pop(0)
                del left[claim]
    return found, list(left)
