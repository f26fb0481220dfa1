"""What an article's preview shows: statements, groups with their citations, outlets, paragraphs."""

from dataclasses import dataclass, field
from typing import Any

from factcheck.imports.articles.records import CitationRecord, Group, Statement
from factcheck.models import Claim, Outlet


@dataclass(slots=True)
class Printed:
    """An outlet as the article prints it, and what it is taken for."""

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
    words: str  # the date in words; empty where it cannot be read
    typed: str  # the outlet, where its name is lost
    was_read: bool  # for all its statements, by an import before
    keys: dict[int, str]  # by the place of each of its statements
    doubts: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


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
    seen_as: str  # by what an article remembers it
    ticked: bool
    text: str
    claim: Claim | None = None
    was_read: bool = False  # by an import before, and then left out or deleted
    groups: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.statement.start)


@dataclass(slots=True)
class Piece:
    """A stretch of a paragraph: within a statement, a group or neither."""

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
    before: str  # what stands before it and is no part of the body
