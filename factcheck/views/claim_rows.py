"""The rows of a list of claims, as HTML that is put together from ready, escaped strings.

A list is read more often than anything else; Django's templates alone would take several times
what finding its rows does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from factcheck import search
from factcheck.caches import cached
from factcheck.models import Control, Status
from factcheck.queries.claim_detail import outlets_of
from factcheck.templatetags import factcheck as tags

_NOTHING = search.Query()
_STATE = Control.STATE.value
# What stands for a slug while an address is made.
_ANY = "any-slug"


# Of each claim, the outlets cited for it by their slugs: name and control.
Outlets = Mapping[int, Mapping[str, tuple[str, str]]]


def cited_outlets(rows: Iterable[Any]) -> Outlets:
    """Return the outlets that rows of `ClaimQuerySet.for_list` cite, in one query."""
    outlets: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for claim, slug, name, control in outlets_of(row.id for row in rows):
        outlets[claim].setdefault(slug, (name, control))
    return outlets


def claim_rows(
    rows: Sequence[Any], query: search.Query = _NOTHING, *, outlets: Outlets | None = None
) -> SafeString:
    """Return a list of claims (rows of `ClaimQuerySet.for_list`), with `query` marked in them."""
    outlets = cited_outlets(rows) if outlets is None else outlets
    claim_page, outlet_page = _address("claim-detail"), _address("outlet-detail")
    language, state, day_list = get_language(), tags.part("state"), escape(reverse("claim-list"))
    items = (
        f'<li><article class="claim"><div class="claim-head">{_status(row.status, language)}'
        f'<p class="said">{_said(row, query, day_list, language)}</p></div>'
        f'<h3><a href="{claim_page.replace(_ANY, quote(row.slug))}" lang="{escape(row.language)}">'
        f"{search.marked(row.text, query)}</a></h3>{_native(row, query)}"
        f'<div class="rests"><strong>{_counts(row, language)}</strong> <ul class="outlets">'
        f"{_outlets(outlets.get(row.id, {}), outlet_page, state, query)}</ul></div></article></li>"
        for row in rows
    )
    return mark_safe(f'<ol class="claims">{"".join(items)}</ol>')  # noqa: S308 - escaped above


def _address(name: str) -> str:
    return escape(reverse(name, args=[_ANY]))


@cached(200)
def _status(status: str, language: str) -> str:
    return tags.status(status, str(Status(status).label))


def _said(row: Any, query: search.Query, day_list: str, language: str) -> str:
    name = row.claimant__name
    by = search.marked(name, query) if name else escape(_("No known claimant"))
    day = row.claimed_on
    if day is None:
        return by
    iso = day.isoformat()
    return (
        f'{by}, <a href="{day_list}?claimed_after={iso}&amp;claimed_before={iso}" rel="nofollow">'
        f'<time datetime="{iso}">{_day(day, language)}</time></a>'
    )


@cached(20_000)
def _day(day: date, language: str) -> str:
    return escape(date_format(day))


def _native(row: Any, query: search.Query) -> str:
    """Return the statement in its own language where that alone holds what was looked for."""
    if not (query and row.native_text) or search.has_mark(row.text, query):
        return ""
    if not search.has_mark(row.native_text, query):
        return ""
    marked = search.marked(row.native_text, query)
    return f'<p class="native" lang="{escape(row.native_language)}">{marked}</p>'


def _counts(row: Any, language: str) -> str:
    return _counts_in(row.citation_count, row.outlet_count, row.independent_count, language)


@cached(5_000)
def _counts_in(citations: int, outlets: int, independent: int, language: str) -> str:
    said = (
        ngettext("%(n)s citation", "%(n)s citations", citations) % {"n": citations},
        ngettext("%(n)s outlet", "%(n)s outlets", outlets) % {"n": outlets},
        ngettext("%(n)s independent", "%(n)s independent", independent) % {"n": independent},
    )
    return escape(" · ".join(said))


def _outlets(
    outlets: Mapping[str, tuple[str, str]], page: str, state: str, query: search.Query
) -> str:
    return "".join(
        f'<li><a class="outlet" href="{page.replace(_ANY, quote(slug))}">'
        f"{search.marked(name, query)}</a>{f' {state}' if control == _STATE else ''}</li>"
        for slug, (name, control) in outlets.items()
    )


@cached(20_000)
def _number(count: int, language: str) -> str:
    return number_format(count)


def choices(name: str, rows: Iterable[tuple[str, str, int, bool]]) -> SafeString:
    """Return a facet's check boxes: value, label, count, and whether it is ticked."""
    language = get_language()
    return mark_safe(  # noqa: S308 - escaped here
        "".join(
            # By its id a box keeps the focus when the list is put in place anew.
            f'<label{"" if count else " class=none"}><input type="checkbox" name="{name}"'
            f' id="{name}-{escape(value)}" value="{escape(value)}"{" checked" if ticked else ""}>'
            f"<span>{escape(label)}</span>"
            f'<span class="count">{_number(count, language)}</span></label>'
            for value, label, count, ticked in rows
        )
    )
