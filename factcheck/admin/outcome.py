"""The outcome of an action on several records, reported in one message."""

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

# Of thousands of records, only this many are named.
_MAX_NAMED = 10


class Reason(NamedTuple):
    """A reason for which records are left out, with the names of some of them."""

    text: str
    named: list[SafeString]
    more: str


class LeftOut:
    """Records that an action leaves out, grouped by the reason."""

    def __init__(self) -> None:
        self.count = 0
        self._counts: dict[str, int] = {}
        self._named: dict[str, list[SafeString]] = {}

    def add(self, name: str, reasons: Iterable[str], url: str = "") -> None:
        """Leave a record out. Only the first few are named, with a link where there is one."""
        is_named = self.count < _MAX_NAMED
        self.count += 1
        for reason in reasons:
            self._counts[reason] = self._counts.get(reason, 0) + 1
            names = self._named.setdefault(reason, [])
            if is_named:
                link = '<a href="{1}">{0}</a>' if url else "{}"
                names.append(format_html(link, name, url))

    def __bool__(self) -> bool:
        return bool(self.count)

    def __iter__(self) -> Iterator[Reason]:
        for text, count in self._counts.items():
            named = self._named[text]
            yield Reason(text, named, and_more(count - len(named)))

    @property
    def title(self) -> str:
        """Return the sentence that precedes the reasons."""
        return ngettext("%(n)d record is left out:", "%(n)d records are left out:", self.count) % {
            "n": self.count
        }


@dataclass
class Outcome:
    """The records that an action has changed so far, and those that it has left out."""

    left_out: LeftOut = field(default_factory=LeftOut)
    done: int = 0
    last: Any = None  # the record that was changed last
    clock_error: str = ""  # set once the log rejects all further records

    def __bool__(self) -> bool:
        return bool(self.done or self.left_out)

    def add_done(self, record: Any) -> None:
        self.done, self.last = self.done + 1, record

    def add_missing(self, pk: int) -> None:
        self.left_out.add(str(pk), [_("It has been deleted.")])

    def add_error(self, error: Exception, name: str, url: str = "") -> None:
        """Leave a record out because of an error, or note that the log rejects all further ones."""
        # The last record of the log is dated in the future: see `editing.approve`.
        if getattr(error, "code", None) == "clock":
            self.clock_error = " ".join(error_reasons(error))
        else:
            self.left_out.add(name, error_reasons(error), url)


def and_more(count: int) -> str:
    """Return how many records are not named, or nothing if all are."""
    if not count:
        return ""
    return ngettext("and %(n)d more", "and %(n)d more", count) % {"n": count}


def error_reasons(error: Exception) -> list[str]:
    """Return why an action was rejected, without the record's name, so that they can be grouped."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    if getattr(error, "code", None) == "stage":
        return [_("It is in stage “%(stage)s”.") % (error.params or {})]
    return error.messages


def show_outcome(request: HttpRequest, done: str, left_out: LeftOut, note: Any = "") -> None:
    """Add one message: what was done, what can be undone, what was left out and why."""
    rows = (
        (reason.text, _join(reason.named), f" {reason.more}" if reason.more else "")
        for reason in left_out
    )
    items = format_html_join("", "<li>{} {}{}</li>", rows)
    text = format_html(
        "{}{}{}",
        " ".join(part for part in (done, str(note) if done else "") if part),
        f" {left_out.title}" if left_out else "",
        format_html("<ul>{}</ul>", items) if left_out else "",
    )
    if not done:
        messages.error(request, text)
    elif left_out:
        messages.warning(request, text)
    else:
        messages.success(request, text)


def _join(names: list[SafeString]) -> SafeString:
    return format_html_join(", ", "{}", ((name,) for name in names))
