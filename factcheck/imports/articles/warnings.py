"""Warnings about an article's citations, for the editor to check before the import."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from factcheck.imports import printed_dates
from factcheck.imports.articles.records import CitationGroup, CitationRecord, ParsedArticle

NO_OUTLET = _("the outlet's name is lost")
NO_DATE = _("its date is not known")
NO_YEAR = _("the year is not known: say when the article was published")
AFTER_ARTICLE = _("dated after the article")
ACCESSED = _("the day it was read, not published")
UNPARSED = _("not understood")
UNCLOSED = _("the parenthesis is never closed")


class ArticleWarning(NamedTuple):
    message: str | Promise
    # The printed text that it is about, and its offset.
    raw: str
    start: int
    # The index of the citation within its group; None if it is about the whole group.
    citation: int | None = None


def warnings_for(article: ParsedArticle, group: CitationGroup) -> Iterator[ArticleWarning]:
    """Yield the warnings about one group."""
    latest = printed_dates.last_day_of(article.published)
    for index, report in enumerate(group.citations):
        for message in _messages(report, latest.isoformat() if latest else ""):
            yield ArticleWarning(message, report.raw, report.start, index)
    for raw in group.unparsed:
        yield ArticleWarning(UNPARSED, raw, group.start)
    if not group.is_closed:
        yield ArticleWarning(UNCLOSED, group.raw, group.start)


def _messages(report: CitationRecord, latest: str) -> Iterator[str | Promise]:
    if report.outlet is None:
        yield NO_OUTLET
    if report.date is None:
        yield NO_DATE
    elif report.date.startswith("--"):
        yield NO_YEAR
    elif latest and max(report.date, report.date_end or "") > latest:
        yield AFTER_ARTICLE
    if report.is_access_day:
        yield ACCESSED
