"""The records of a parsed article, which the parser hands to the importer.

Offsets count the characters of the text; `raw` is always `text[start:end]`.
"""

from dataclasses import dataclass
from typing import NamedTuple


class CitationRecord(NamedTuple):
    """A citation of one outlet and one date within a group."""

    # As printed: a name, a domain, an account or an address. None if it is missing in the text.
    outlet: str | None
    # `2021-08-20`, `--08-20` where the year is unknown, `2021-08`, `2021`, or None.
    date: str | None
    # The last day of a range, in the same form.
    date_end: str | None
    url: str | None
    # Remarks: `see`, `accessed August 20`, `author: ...`.
    note: str
    # The part of the group that it was read from.
    raw: str
    start: int
    end: int
    # The outlet and the date as printed, without a year that was only inferred from the article's
    # date. It stays the same when an editor changes the date of either.
    printed: str = ""
    # `date` is the date on which the page was read.
    is_access_day: bool = False


class CitationGroup(NamedTuple):
    """A citation group: a parenthesis that cites."""

    raw: str
    start: int
    end: int
    citations: tuple[CitationRecord, ...]
    # The parts that were not understood, as printed.
    unparsed: tuple[str, ...] = ()

    @property
    def is_closed(self) -> bool:
        return self.raw.endswith((")", "）"))


class Span(NamedTuple):
    """A stretch of the text."""

    raw: str
    start: int
    end: int


class FoundGroups(NamedTuple):
    """The parentheses of a text: citation groups, and those that cite nothing."""

    groups: tuple[CitationGroup, ...]
    ignored: tuple[Span, ...]


class Statement(NamedTuple):
    """A sentence of an article, without the group that closes it."""

    text: str
    start: int
    end: int
    # The number of its paragraph in the body, from 1.
    paragraph: int
    # Indexes of the groups that it relies on.
    groups: tuple[int, ...]
    # The sentence without groups and line breaks, which editors start from.
    plain: str


class Link(NamedTuple):
    """A stretch of an HTML page's text that was a link."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article as the parser read it."""

    text: str
    title: str
    author: str
    # A date, month or year; empty if it is not known.
    published: str
    language: str
    # Start and end of each paragraph of the body.
    body: tuple[tuple[int, int], ...]
    groups: tuple[CitationGroup, ...]
    # The paragraph of each group, 0 outside the body.
    group_paragraphs: tuple[int, ...]
    ignored: tuple[Span, ...]
    statements: tuple[Statement, ...]
    url: str = ""
    # The date of publication that a line of the text names, even if `published` is another.
    published_in_text: str = ""

    @property
    def outlets(self) -> list[str]:
        """The outlets' names as printed, each once."""
        reports = (report for group in self.groups for report in group.citations)
        return list(dict.fromkeys(report.outlet for report in reports if report.outlet))

    @property
    def paragraphs(self) -> int:
        return len(self.body)
