"""What the readers hand to the store: records without a database behind them.

Offsets count the characters of the text that was read; `raw` is always `text[start:end]`.
"""

from dataclasses import dataclass
from typing import NamedTuple


class SourceError(ValueError):
    """What was given cannot be read as an article; the message says why and what to do."""


class CitationRecord(NamedTuple):
    """One outlet's report of one day, as a group cites it."""

    # As printed: a name, a domain, an account or an address. None where it was lost.
    outlet: str | None
    # `2021-08-20`, `--08-20` where the year is unknown, `2021-08`, `2021`, or None.
    date: str | None
    # The last day of a range, in the same form.
    date_end: str | None
    url: str | None
    # What stands beside it: `see`, `accessed August 20`, `author: ...`.
    note: str
    # The item of the group it was read from.
    raw: str
    start: int
    end: int
    # Whose it is and the day as read, without a year that is not printed, for that may depend on
    # the article's own day. It stays when an editor changes either.
    printed: str = ""
    # `date` is the day on which the page was read.
    is_access_day: bool = False


class Group(NamedTuple):
    """A parenthesis that cites."""

    raw: str
    start: int
    end: int
    citations: tuple[CitationRecord, ...]
    # What could not be placed, as printed.
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
    """The parentheses of a text: those that cite, and those that cite nothing."""

    groups: tuple[Group, ...]
    ignored: tuple[Span, ...]


class Statement(NamedTuple):
    """A sentence of an article, without the group that closes it."""

    text: str
    start: int
    end: int
    # 1 is the first paragraph of the body.
    paragraph: int
    # Indexes of the groups it rests on.
    groups: tuple[int, ...]
    # The sentence without groups and line breaks: where the editor's own words start from.
    plain: str


class Link(NamedTuple):
    """A stretch of an HTML page's text that was a link."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article as it was read."""

    text: str
    title: str
    author: str
    # A day, month or year; empty where it is not known.
    published: str
    language: str
    # Where each paragraph of the body stands.
    body: tuple[tuple[int, int], ...]
    groups: tuple[Group, ...]
    # The paragraph of each group, 0 outside the body.
    group_paragraphs: tuple[int, ...]
    ignored: tuple[Span, ...]
    statements: tuple[Statement, ...]
    url: str = ""
    # The day of publication that a line of the text names, whatever was given.
    own_published: str = ""

    @property
    def outlets(self) -> list[str]:
        """The outlets' names as printed, each once."""
        reports = (report for group in self.groups for report in group.citations)
        return list(dict.fromkeys(report.outlet for report in reports if report.outlet))

    @property
    def paragraphs(self) -> int:
        return len(self.body)
