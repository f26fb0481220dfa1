"""The parts of an article's preview: statements, groups with citations, outlets, paragraphs."""

from dataclasses import dataclass, field
from typing import Any

from factcheck.imports.articles.records import CitationRecord, Group, Statement
from factcheck.models import Claim, Outlet
from factcheck.text.name_keys import name_key


@dataclass(slots=True)
class Printed:
    """An outlet as the article prints it, and the outlet that it is taken for."""

    name: str
    key: str
    known: Outlet | None
    near: list[Outlet]
    chosen: str
    typed: str
    count: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.known.name if self.known else self.name


@dataclass(slots=True)
class CitationRow:
    key: str
    report: CitationRecord
    printed: Printed | None
    ticked: bool
    date: str
    words: str  # the date in words; empty if it cannot be read
    typed: str  # the outlet that the editor wrote, if the article does not name it
    was_read: bool  # an earlier import has read it for all its statements
    keys: dict[int, str]  # by the index of each of its statements
    doubts: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def edited(self) -> CitationRecord:
        """Return the citation with the date and the outlet that the editor wrote."""
        record = self.report
        if self.date != (record.date or ""):
            record = record._replace(date=self.date or None, date_end=None)
        if record.outlet is None and name_key(self.typed):
            record = record._replace(outlet=self.typed)
        return record


@dataclass(slots=True)
class GroupBox:
    number: int
    group: Group
    rows: list[CitationRow]
    doubts: list[Any]
    statements: list[int] = field(default_factory=list)


@dataclass(slots=True)
class StatementRow:
    number: int
    statement: Statement
    seen_as: str  # the key by which an article remembers it
    ticked: bool
    text: str
    claim: Claim | None = None
    was_read: bool = False  # an earlier import has read it; it was left out then, or deleted since
    groups: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.statement.start)


@dataclass(slots=True)
class Piece:
    """A piece of a paragraph: within a statement, a group or neither."""

    text: str
    statement: int = 0
    group: int = 0
    is_ignored: bool = False
    begins: bool = False
    opens_group: bool = False


@dataclass(slots=True)
class Paragraph:
    number: int
    pieces: list[Piece]
    statements: list[StatementRow]
    groups: list[GroupBox]
    before: str  # the text before it that is no part of the body
