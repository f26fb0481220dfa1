"""The problems that triggers of a database can have, and the comparison of their texts."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple


class Problem(Enum):
    """The problems of a trigger, or of a setting that lets triggers run."""

    MISSING = "missing"
    # The table by which a bulk load suspends triggers on SQLite.
    NO_TABLE = "no table"
    # Its text, its function or its condition differs.
    ALTERED = "altered"
    DISABLED = "disabled"
    # Triggers and rules that Factcheck has not installed.
    FOREIGN_TRIGGER = "foreign trigger"
    FOREIGN_RULE = "foreign rule"
    # The triggers by which PostgreSQL checks a foreign key are disabled.
    UNCHECKED_KEY = "unchecked key"
    # A bulk load has left its mark behind, so triggers stay suspended.
    LOADING = "loading"
    # A setting of PostgreSQL that suspends triggers.
    SETTING = "setting"


class Fault(NamedTuple):
    """A problem with the trigger, rule, constraint or setting, and the table or the role."""

    problem: Problem
    name: str
    where: str = ""


def same_text(installed: str | None, expected: str) -> bool:
    """Return whether two SQL texts are equal apart from white space and quoted names."""
    return installed is not None and _normalize(installed) == _normalize(expected)


def _normalize(statement: str) -> str:
    return " ".join(statement.replace('"', "").replace("IF NOT EXISTS ", "").split())


def compare_texts(expected: Mapping[str, str], installed: Mapping[str, str]) -> Iterator[Fault]:
    """Compare the texts of triggers with the same name."""
    for name in sorted(expected):
        if name not in installed:
            yield Fault(Problem.MISSING, name)
        elif not same_text(installed[name], expected[name]):
            yield Fault(Problem.ALTERED, name)
