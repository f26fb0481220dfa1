"""The form of an article's preview: which field holds which of the editor's choices."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from factcheck.imports.outlet_names import MAX_NAME


class Choice(StrEnum):
    """The purposes of a field, each with the letter with which its name begins.

    The key of a statement, a citation or a printed name follows.
    """

    STATEMENT = "s"
    STATEMENT_TEXT = "t"
    CITATION = "c"
    CITATION_DATE = "d"
    CITATION_OUTLET = "o"
    KNOWN_OUTLET = "m"
    TYPED_OUTLET = "w"


class Choices:
    """The editor's choices so far: the fields of a sent form, or none at first."""

    def __init__(self, data: Mapping[str, str] | None) -> None:
        self.data = data

    def text(self, choice: Choice, key: Any, default: str = "") -> str:
        """Return the text of a field; `default` at first."""
        if self.data is None:
            return default
        return self.data.get(f"{choice}{key}", "").replace("\0", "")

    def name(self, choice: Choice, key: str) -> tuple[str, list[str]]:
        """Return the name of an outlet as it was typed, and its errors."""
        typed = self.text(choice, key).strip()
        return typed, errors_of(MaxLengthValidator(MAX_NAME), typed)

    def is_ticked(self, choice: Choice, key: Any, *, default: bool) -> bool:
        """Return whether a box is ticked; `default` at first."""
        return default if self.data is None else f"{choice}{key}" in self.data


def errors_of(check: Callable[[str], Any], typed: str) -> list[str]:
    """Return the messages of a check that rejects a typed text."""
    try:
        check(typed)
    except ValidationError as error:
        return error.messages
    return []
