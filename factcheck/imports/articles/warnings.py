"""What an editor should look at before an article is imported."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from factcheck.imports import printed_dates
from factcheck.imports.articles.records import CitationRecord, Group, ReadArticle

NO_OUTLET = _("the outlet's name is lost")
NO_DATE = _("its date is not known")
NO_YEAR = _("the year is not known: say when the article was published")
AFTER_ARTICLE = _("dated after the article")
ACCESSED = _("the day it was read, not published")
UNPARSED = _("not understood")
UNCLOSED = _("the parenthesis is never closed")


class Doubt(NamedTuple):
    message: str | Promise
    # As printed, with where it stands.
    raw: str
    start: int
    # The place of the report within its group; None where the group as a whole is meant.
    report: int | None = None


def doubts(article: ReadArticle, group: Group) -> Iterator[Doubt]:
    """Yield what is doubtful about one group."""
    latest = printed_dates.last_day(article.published)
    for place, report in enumerate(group.citations):
        for message in _about(report, latest.isoformat() if latest else ""):
            yield Doubt(message, report.raw, report.start, place)
    for raw in group.unparsed:
        yield Doubt(UNPARSED, raw, group.start)
    if not group.is_closed:
        yield Doubt(UNCLOSED, group.raw, group.start)


def _about(report: CitationRecord, latest: str) -> Iterator[str | Promise]:
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
