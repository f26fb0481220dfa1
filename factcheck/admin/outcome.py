"""The outcome of an act on several records, told in one message."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Of thousands of records, so many are named.
_NAMED = 10


class Reason(NamedTuple):
    """A reason for which records are left out, with the names of some of them."""

    text: str
    named: list[SafeString]
    more: str


class LeftOut:
    """Records that an act leaves out, grouped by the reason."""

    def __init__(self) -> None:
        self.count = 0
        self._counts: dict[str, int] = {}
        self._named: dict[str, list[SafeString]] = {}

    def add(self, name: str, reasons: Iterable[str], url: str = "") -> None:
        """Leave a record out. Only the first few are named, with a link where there is one."""
        is_named = self.count < _NAMED
        self.count += 1
        for reason in reasons:
            self._counts[reason] = self._counts.get(reason, 0) + 1
            shown = self._named.setdefault(reason, [])
            if is_named:
                link = '<a href="{1}">{0}</a>' if url else "{}"
                shown.append(format_html(link, name, url))

    def __bool__(self) -> bool:
        return bool(self.count)

    def __iter__(self) -> Iterator[Reason]:
        for text, count in self._counts.items():
            named = self._named[text]
            yield Reason(text, named, and_more(count - len(named)))

    @property
    def title(self) -> str:
        """Return the sentence that stands before the reasons."""
        return ngettext("%(n)d record is left out:", "%(n)d records are left out:", self.count) % {
            "n": self.count
        }


@dataclass
class Outcome:
    """What has become of the records so far."""

    left: LeftOut = field(default_factory=LeftOut)
    done: int = 0
    last: Any = None
    clock: str = ""  # why the log takes no more records, if it is about the clock

    def __bool__(self) -> bool:
        return bool(self.done or self.left)


def and_more(count: int) -> str:
    """Return how many records are not named, or nothing if all are."""
    if not count:
        return ""
    return ngettext("and %(n)d more", "and %(n)d more", count) % {"n": count}


def reasons_of(error: Exception) -> list[str]:
    """Return why an act was refused, without the name of the record: so they can be grouped."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    if getattr(error, "code", None) == "stage":
        return [_("It is in stage “%(stage)s”.") % (error.params or {})]
    return error.messages


def tell(request: HttpRequest, done: str, left: LeftOut, note: Any = "") -> None:
    """Add one message: what was done, what was left out and why, and what can be taken back."""
    rows = (
        (reason.text, _join(reason.named), f" {reason.more}" if reason.more else "")
        for reason in left
    )
    listed = format_html_join("", "<li>{} {}{}</li>", rows)
    text = format_html(
        "{}{}{}",
        " ".join(part for part in (done, str(note) if done else "") if part),
        f" {left.title}" if left else "",
        format_html("<ul>{}</ul>", listed) if left else "",
    )
    if not done:
        messages.error(request, text)
    elif left:
        messages.warning(request, text)
    else:
        messages.success(request, text)


def _join(named: list[SafeString]) -> SafeString:
    return format_html_join(", ", "{}", ((name,) for name in named))
