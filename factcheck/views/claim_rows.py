"""The rows of a list of claims, as HTML made of string templates whose values are escaped first.

A list is read more often than anything else. Django's templates take 4.5 ms for a page of rows,
and strings 0.1 ms.
"""

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
from factcheck.formatting import cached_include, status_badge
from factcheck.models import Control, Status
from factcheck.queries.claim_detail import cited_outlets

_CLAIM = (
    '<li><article class="claim">'
    '<div class="claim-head">{status}<p class="byline">{byline}</p></div>'
    '<h3><a href="{address}" lang="{language}">{text}</a></h3>{original}'
    '<div class="sources"><strong>{counts}</strong> <ul class="outlets">{outlets}</ul></div>'
    "</article></li>"
)
_CLAIMANT_AND_DATE = (
    '{claimant}, <a href="{list}?claimed_after={iso}&amp;claimed_before={iso}" rel="nofollow">'
    '<time datetime="{iso}">{date}</time></a>'
)
_ORIGINAL_TEXT = '<p class="original" lang="{language}">{text}</p>'
_OUTLET = '<li><a class="outlet" href="{address}">{name}</a>{state}</li>'
_CHOICE_BOX = (
    # htmx keeps the focus by the id when the list is replaced.
    '<label{css_class}><input type="checkbox" name="{name}" id="{name}-{value}" value="{value}"'
    '{checked}><span>{label}</span><span class="count">{count}</span></label>'
)

_NO_QUERY = search.Query()
# A placeholder for the slug while the URL is reversed.
_ANY_SLUG = "any-slug"

# Of each claim, the outlets cited for it by their slugs: name and control.
Outlets = Mapping[int, Mapping[str, tuple[str, str]]]


def claim_rows(
    rows: Sequence[Any], query: search.Query = _NO_QUERY, *, outlets: Outlets | None = None
) -> SafeString:
    """Return a list of claims (rows of `ClaimQuerySet.for_list`), with `query` marked in them."""
    outlets = cited_outlets(row.id for row in rows) if outlets is None else outlets
    claim_page, outlet_page = _address("claim-detail"), _address("outlet-detail")
    language, list_page = get_language(), escape(reverse("claim-list"))
    state = cached_include("state")
    items = (
        _CLAIM.format(
            status=_status(row.status, language),
            byline=_byline(row, query, list_page, language),
            address=claim_page.replace(_ANY_SLUG, quote(row.slug)),
            language=escape(row.language),
            text=search.marked(row.text, query),
            original=_original_text(row, query),
            counts=_counts(row.citation_count, row.outlet_count, row.independent_count, language),
            outlets=_outlets(outlets.get(row.id, {}), outlet_page, state, query),
        )
        for row in rows
    )
    return mark_safe(f'<ol class="claims">{"".join(items)}</ol>')  # noqa: S308 - escaped above


def _address(name: str) -> str:
    return escape(reverse(name, args=[_ANY_SLUG]))


@cached(200)
def _status(status: str, language: str) -> str:
    return status_badge(status, str(Status(status).label))


def _byline(row: Any, query: search.Query, list_page: str, language: str) -> str:
    """Return the claimant and the claim's date, as a link to the claims of that date."""
    name, claimed_on = row.claimant__name, row.claimed_on
    claimant = search.marked(name, query) if name else escape(_("No known claimant"))
    if claimed_on is None:
        return claimant
    date_text = _date(claimed_on, language)
    return _CLAIMANT_AND_DATE.format(
        claimant=claimant, list=list_page, iso=claimed_on.isoformat(), date=date_text
    )


@cached(20_000)
def _date(day: date, language: str) -> str:
    return escape(date_format(day))


def _original_text(row: Any, query: search.Query) -> str:
    """Return the statement in its original language if only that contains the searched words."""
    if not (query and row.native_text) or search.has_mark(row.text, query):
        return ""
    if not search.has_mark(row.native_text, query):
        return ""
    text = search.marked(row.native_text, query)
    return _ORIGINAL_TEXT.format(language=escape(row.native_language), text=text)


@cached(5_000)
def _counts(citations: int, outlets: int, independent: int, language: str) -> str:
    counts = (
        ngettext("%(n)s citation", "%(n)s citations", citations) % {"n": citations},
        ngettext("%(n)s outlet", "%(n)s outlets", outlets) % {"n": outlets},
        ngettext("%(n)s independent", "%(n)s independent", independent) % {"n": independent},
    )
    return escape(" · ".join(counts))


def _outlets(
    outlets: Mapping[str, tuple[str, str]], page: str, state: str, query: search.Query
) -> str:
    return "".join(
        _OUTLET.format(
            address=page.replace(_ANY_SLUG, quote(slug)),
            name=search.marked(name, query),
            state=f" {state}" if control == Control.STATE.value else "",
        )
        for slug, (name, control) in outlets.items()
    )


@cached(20_000)
def _number(count: int, language: str) -> str:
    return number_format(count)


def choice_boxes(name: str, rows: Iterable[tuple[str, str, int, bool]]) -> SafeString:
    """Return a facet's check boxes: value, label, count, and whether it is ticked."""
    language = get_language()
    boxes = (
        _CHOICE_BOX.format(
            css_class="" if count else ' class="zero"',
            name=name,
            value=escape(value),
            checked=" checked" if ticked else "",
            label=escape(label),
            count=_number(count, language),
        )
        for value, label, count, ticked in rows
    )
    return mark_safe("".join(boxes))  # noqa: S308 - escaped above
