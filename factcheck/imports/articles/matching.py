"""Of which article a reading is a version, and which of its claims are whose sentences."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import F, Q
from rapidfuzz import fuzz, process

from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.articles.records import ReadArticle, Statement
from factcheck.imports.articles.sentence_keys import sentence_key
from factcheck.models import Article, Claim, Outlet
from factcheck.text.name_keys import name_key

# A sentence with a number or a word corrected is nearly the same; of so many each is compared.
_NEARLY, _MOST_COMPARED = 85, 200


def find_article(read: ReadArticle, *, publisher: Outlet | None = None) -> Article | None:
    """Return the article that `read` is a version of.

    It has the same text, unless both have links that differ; or it has the same link, or is or
    was called the same, and more than half of the shorter one's sentences: two articles of one
    name or link stay two.
    """
    if read.text:
        for article in Article.objects.filter(text=read.text).order_by("pk"):
            if _agree(article.url, read.url) and _is_published_by(article, publisher):
                return article
    same = Q(pk__in=_called_the_same(read))
    if read.url:
        same |= Q(url=read.url)
    for article in Article.objects.filter(same).order_by("pk"):
        is_near = not article.text or _is_version(article.text, read)
        if is_near and _is_published_by(article, publisher):
            return article
    return None


def _is_published_by(article: Article, publisher: Outlet | None) -> bool:
    """Return whether an article is of this publisher, or was before an editor corrected it."""
    if _agree(article.publisher_id, publisher and publisher.pk):
        return True
    return article.history.filter(publisher=publisher).exists()


def _is_version(text: str, read: ReadArticle) -> bool:
    """Return whether two texts share more than half of the shorter one's sentences, or nearly."""
    there = Counter(sentence_key(statement.text) for statement in read_article(text).statements)
    here = Counter(sentence_key(statement.text) for statement in read.statements)
    fewest = min(there.total(), here.total())
    shared = (there & here).total()
    if 2 * shared <= fewest:
        old, new = list((there - here).elements()), list((here - there).elements())
        for sentence in new[:_MOST_COMPARED]:
            found = process.extractOne(
                sentence, old[:_MOST_COMPARED], scorer=fuzz.ratio, score_cutoff=_NEARLY
            )
            if found:
                old.remove(found[0])
                shared += 1
    return 2 * shared > fewest or fewest == 0


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
