"""Template contexts of a filter set: rows, chips, choices, problems and links."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from factcheck.caches import cached
from factcheck.facets import FACETS, MAX_CHOICES, Choice
from factcheck.filters import (
    SORT_LABELS,
    ClaimFilter,
    Codes,
    Days,
    ListFilter,
    ManyField,
    Number,
    OutletFilter,
    RowsField,
)
from factcheck.formatting import country_name, language_name
from factcheck.models import Outlet, Status
from factcheck.queries.pagination import PAGE_SIZES
from factcheck.views import claim_rows

# How many outlets of one name the panel's search box shows.
MAX_NAMED = 100


@dataclass(frozen=True)
class Chip:
    """An active filter, and the link that removes it."""

    name: str
    label: str
    without: str


def list_context(filterset: ListFilter) -> dict[str, Any]:
    """Return the context of every list: one page of rows, the total, chips, order and links."""
    page = filterset.page()
    links = {
        name: _page_link(filterset, name, cursor)
        for name, cursor in (("after", page.after), ("before", page.before))
        if cursor
    }
    current = filterset.sort.name
    return {
        "filter": filterset,
        "page": page,
        "total": filterset.total,
        "chips": _chips(filterset),
        "links": links,
        "clear": _link_without_filters(filterset),
        "problems": _problems(filterset),
        "sorts": [(name, SORT_LABELS[name], name == current) for name in filterset.sorts],
        "page_sizes": [(size, size == filterset.page_size) for size in PAGE_SIZES],
        "typed": filterset.data.get("q", ""),
    }


def tally(filterset: ClaimFilter) -> dict[str, Any]:
    """Return how many claims a list holds, and how many of each status that occurs."""
    counts = filterset.result.status_counts()
    return {
        "total": filterset.total,
        "rows": [(status, counts[status]) for status in Status if status in counts],
    }


def facets_context(filterset: ClaimFilter) -> dict[str, Any]:
    """Return the claims list's filter panel: each choice with its exact count."""
    named_outlets = _outlets_by_typed_name(filterset)
    include: dict[str, Collection[Any]] = {
        name: value for name, value in filterset.selection.values.items() if name in FACETS
    }
    include["outlet"] = [*include.get("outlet", ()), *named_outlets]
    counted = filterset.result.counts(limit=MAX_CHOICES, include=include)
    if "outlet_name" in filterset.cleaned:
        slugs = {outlet.slug for outlet in named_outlets.values()} | filterset.active_values.get(
            "outlet", set()
        )
        counted["outlet"] = [choice for choice in counted["outlet"] if choice.value in slugs]
    dates, numbers = (_names_of(filterset, kind) for kind in (Days, Number))
    return {
        "facets": [_facet_context(filterset, name, choices) for name, choices in counted.items()],
        "outlet_name": filterset.data.get("outlet_name", ""),
        "days": [_field_context(filterset, name) for name in dates],
        "numbers": [_field_context(filterset, name) for name in numbers],
        "range_is_open": any(name in filterset.active_values for name in (*dates, *numbers)),
    }


def _facet_context(filterset: ClaimFilter, name: str, choices: list[Choice]) -> dict[str, Any]:
    """Return the context of one facet in the panel."""
    active = filterset.active_values.get(name, set())
    if FACETS[name].order == "fixed":
        choices = _choices_in_order(filterset.filters[name], choices)
    # A ticked choice stays even if it shows no claim, or the form would lose it.
    missing = active - {choice.value for choice in choices}
    choices = [
        *choices,
        *(Choice(v, _display_value(filterset, name, v), 0) for v in sorted(missing)),
    ]
    return {
        "name": name,
        "label": filterset.filters[name].label,
        "choices": claim_rows.choice_boxes(name, _rows_of_choices(name, choices, active)),
        "is_open": FACETS[name].is_open or bool(active),
        "is_searched": name == "outlet",
    }


def _rows_of_choices(
    name: str, choices: list[Choice], active: set[str]
) -> Iterator[tuple[str, str, int, bool]]:
    """Yield value, label and count of each choice, and whether it is ticked."""
    labels = _code_labels(get_language())
    for choice in choices:
        text = labels.get((name, choice.value)) or value_label(name, choice.value, choice.label)
        yield choice.value, text, choice.count, choice.value in active


def _choices_in_order(codes: Codes, choices: list[Choice]) -> list[Choice]:
    """Return every code of a filter in its own order, even those that no claim has."""
    counts = {choice.value: choice.count for choice in choices}
    return [Choice(code, code, counts.get(code, 0)) for code in codes.codes]


def _outlets_by_typed_name(filterset: ClaimFilter) -> dict[int, Outlet]:
    """Return the outlets that the panel's own search box finds, by their ids."""
    typed = filterset.cleaned.get("outlet_name", "")
    outlets = Outlet.objects.public().matching_name(typed)[:MAX_NAMED] if typed else ()
    return {outlet.pk: outlet for outlet in outlets}


def selects(filterset: ListFilter, **choices: Any) -> list[dict[str, Any]]:
    """Return drop-downs for filters of few values, for lists without counts."""
    return [
        {
            "name": name,
            "label": filterset.filters[name].label,
            "options": [
                (value, text, value in filterset.active_values.get(name, ()))
                for value, text in values.choices
            ],
        }
        for name, values in choices.items()
    ]


def value_label(name: str, value: str, record_name: str = "") -> str:
    """Return how readers see the value of a filter; `record_name` if it is a record."""
    if name == "country":
        return country_name(value)
    if name == "language":
        return language_name(value)
    return _code_labels(get_language()).get((name, value)) or record_name or value


@cached(20)
def _code_labels(language: str) -> dict[tuple[str, str], str]:
    """Return the translated label of each code of each filter."""
    filters: Mapping[str, Any] = OutletFilter.base_filters | ClaimFilter.base_filters
    return {
        (name, code): str(word)
        for name, condition in filters.items()
        if isinstance(condition, Codes)
        for code, word in condition.labels.items()
    }


def _names_of(filterset: ListFilter, kind: type) -> list[str]:
    """Return the names of a list's filters of one kind."""
    return [name for name, condition in filterset.filters.items() if isinstance(condition, kind)]


def _field_context(filterset: ListFilter, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": filterset.filters[name].label,
        "value": filterset.text_of(name),
        "problems": filterset.problems.get(name, []),
    }


def _page_link(filterset: ListFilter, name: str, cursor: str) -> str:
    """Return the address of another page of the same list."""
    return f"{filterset.query()}&{name}={cursor}".replace("?&", "?")


def _link_without_filters(filterset: ListFilter) -> str:
    """Return the address of the list without its filters; the words stay."""
    return filterset.query(drop={pair for pair in filterset.active() if pair[0] != "q"})


def _chips(filterset: ListFilter) -> list[Chip]:
    return [
        Chip(
            str(filterset.filters[name].label),
            _display_value(filterset, name, value),
            filterset.query(drop={(name, value)}),
        )
        for name, value in filterset.active()
    ]


def _display_value(filterset: ListFilter, name: str, value: str) -> str:
    """Return how readers see an active value: a record's name, a code's word, a date."""
    clean = filterset.cleaned[name]
    field = filterset.form.fields[name]
    if isinstance(field, RowsField):
        typed = (text.strip() for text in filterset.data.getlist(name))
        slugs = list(dict.fromkeys(slug for slug in typed if slug))
        return str(clean[slugs.index(value.strip())])
    if isinstance(field, ManyField):
        return value_label(name, value.strip())
    return date_format(clean) if hasattr(clean, "isoformat") else value


def _problems(filterset: ListFilter) -> list[tuple[str, str, str]]:
    """Return each problem with its field's name and label, for the summary above the list."""
    labels = {"sort": _("Order"), "page_size": _("Page size")}
    labels |= dict.fromkeys(("after", "before"), _("Page"))
    return [
        (name, str(labels.get(name) or filterset.filters[name].label), message)
        for name, messages in filterset.problems.items()
        for message in messages
    ]
