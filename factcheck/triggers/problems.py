"""What can be wrong with the triggers of a database, and how their texts are compared."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple


class Problem(Enum):
    """What is wrong with a trigger, or with what lets triggers run."""

    MISSING = "missing"
    # The table that marks a bulk load on SQLite, which triggers ask.
    NO_TABLE = "no table"
    # Its text, its function or its condition is another one.
    ALTERED = "altered"
    DISABLED = "disabled"
    # Triggers and rules that Factcheck has not installed.
    FOREIGN_TRIGGER = "foreign trigger"
    FOREIGN_RULE = "foreign rule"
    # PostgreSQL's own triggers, which check a foreign key.
    UNCHECKED_KEY = "unchecked key"
    # The mark of a bulk load, which silences triggers, was left behind.
    LOADING = "loading"
    # A setting of PostgreSQL that silences triggers.
    SETTING = "setting"


class Fault(NamedTuple):
    """One problem: the trigger, rule, constraint or setting, and the table or the role."""

    problem: Problem
    name: str
    where: str = ""


def same_text(one: str | None, other: str) -> bool:
    """Return whether two SQL texts are equal but for spaces and quoted names."""
    return one is not None and _plain(one) == _plain(other)


def _plain(statement: str) -> str:
    return " ".join(statement.replace('"', "").replace("IF NOT EXISTS ", "").split())


def compared(expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Fault]:
    """Compare the texts of triggers, by their names."""
    for name in sorted(expected):
        if name not in found:
            yield Fault(Problem.MISSING, name)
        elif not same_text(found[name], expected[name]):
            yield Fault(Problem.ALTERED, name)
