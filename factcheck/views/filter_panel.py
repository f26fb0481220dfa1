"""What a list's template shows of its filter: rows, chips, choices, problems, links."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from factcheck.facets import MOST_CHOICES, Choice
from factcheck.filters import (
    BASIS_LABELS,
    SORT_LABELS,
    ClaimFilter,
    ListFilter,
    ManyField,
    RowsField,
)
from factcheck.models import Control, Outlet, Stance, Status
from factcheck.models.outlets import OutletKind
from factcheck.queries.pagination import PAGE_SIZES
from factcheck.templatetags.factcheck import country, language
from factcheck.views import claim_rows

# The panel's search box shows so many outlets of one name.
MOST_NAMED = 100

# Facets in the order of the panel; those of many values stand closed until used.
OPEN = ("status", "basis", "outlet")
CLOSED = (
    "owner",
    "control",
    "country",
    "claimant",
    "topic",
    "article",
    "year",
    "language",
    "stance",
)


@dataclass(frozen=True)
class Chip:
    """An active filter, and the link that removes it."""

    name: str
    label: str
    without: str


def list_context(chosen: ListFilter) -> dict[str, Any]:
    """Return what every list shows: one page of rows, the total, chips, order, links."""
    page = chosen.page()
    links = {
        name: _elsewhere(chosen, name, cursor)
        for name, cursor in (("after", page.after), ("before", page.before))
        if cursor
    }
    return {
        "filter": chosen,
        "page": page,
        "total": chosen.total,
        "chips": _chips(chosen),
        "links": links,
        "clear": _cleared(chosen),
        "problems": _problems(chosen),
        "sorts": [(name, SORT_LABELS[name], name == chosen.sort.name) for name in chosen.sorts],
        "page_sizes": [(size, size == chosen.page_size) for size in PAGE_SIZES],
        "typed": chosen.data.get("q", ""),
    }


def tally(chosen: ClaimFilter) -> dict[str, Any]:
    """Return how many claims a list holds, and how many of each status that there is."""
    counts = chosen.found.tally()
    return {
        "total": chosen.total,
        "rows": [(status, counts[status]) for status in Status if status in counts],
    }


def facets_context(chosen: ClaimFilter) -> dict[str, Any]:
    """Return the claims list's filter panel: each choice with its exact count."""
    values = chosen.selection.values
    named = _outlets_named(chosen)
    also = {name: values.get(name, ()) for name in (*OPEN, *CLOSED) if name != "basis"}
    also["outlet"] = [*also["outlet"], *named]
    counted = chosen.found.counts(most=MOST_CHOICES, also=also)
    ticked = _ticked(chosen)
    words = _words(get_language())

    def facet(name: str) -> dict[str, Any]:
        values = ticked.get(name, set())
        choices = counted[name]
        if name in {"status", "basis"}:
            choices = _all_of(name, choices)
        if name == "outlet" and chosen.chosen.get("outlet_name"):
            slugs = {outlet.slug for outlet in named.values()} | values
            choices = [choice for choice in choices if choice.value in slugs]
        # What is ticked stands there even if it finds nothing, or the form would lose it.
        missing = values - {choice.value for choice in choices}
        choices = [*choices, *(Choice(v, _shown(chosen, name, v), 0) for v in sorted(missing))]
        return {
            "name": name,
            "label": chosen.filters[name].label,
            "choices": claim_rows.choices(
                name,
                (
                    (
                        choice.value,
                        words.get((name, choice.value)) or label(name, choice.value, choice.label),
                        choice.count,
                        choice.value in values,
                    )
                    for choice in choices
                ),
            ),
            "is_open": name in OPEN or bool(values),
            "is_searched": name == "outlet",
        }

    days = ("claimed_after", "claimed_before", "cited_after", "cited_before")
    numbers = ("independent_min", "independent_max")
    return {
        "facets": [facet(name) for name in (*OPEN, *CLOSED)],
        "outlet_name": chosen.data.get("outlet_name", ""),
        "days": [_field(chosen, name) for name in days],
        "numbers": [_field(chosen, name) for name in numbers],
        "range_is_open": any(name in ticked for name in (*days, *numbers)),
    }


def _outlets_named(chosen: ClaimFilter) -> dict[int, Outlet]:
    """Return the outlets that the panel's own search box asks for, by their ids."""
    typed = chosen.chosen.get("outlet_name", "")
    found = Outlet.objects.public().named(typed)[:MOST_NAMED] if typed else ()
    return {outlet.pk: outlet for outlet in found}


def selects(chosen: ListFilter, **choices: Any) -> list[dict[str, Any]]:
    """Return drop-downs for filters of few values, for lists without counts."""
    ticked = _ticked(chosen)
    return [
        {
            "name": name,
            "label": chosen.filters[name].label,
            "options": [
                (value, text, value in ticked.get(name, set())) for value, text in values.choices
            ],
        }
        for name, values in choices.items()
    ]


def label(name: str, value: str, known: str = "") -> str:
    """Return how readers see the value of a filter; `known` is the row's own name."""
    if name == "country":
        return country(value)
    if name == "language":
        return language(value)
    return _words(get_language()).get((name, value)) or known or value


@lru_cache(20)
def _words(language: str) -> dict[tuple[str, str], str]:
    """Return the reader's word for each code of each filter."""
    codes: dict[str, Mapping[str, Any]] = {
        "status": dict(Status.choices),
        "control": dict(Control.choices),
        "stance": dict(Stance.choices),
        "kind": dict(OutletKind.choices),
        "basis": BASIS_LABELS,
    }
    return {
        (name, code): str(word) for name, words in codes.items() for code, word in words.items()
    }


def _all_of(name: str, counted: list[Choice]) -> list[Choice]:
    """Return every choice of a short, fixed facet in its own order, those of no claim too."""
    found = {choice.value: choice.count for choice in counted}
    values = Status.values if name == "status" else list(BASIS_LABELS)
    return [Choice(value, value, found.get(value, 0)) for value in values]


def _ticked(chosen: ListFilter) -> dict[str, set[str]]:
    ticked: dict[str, set[str]] = {}
    for name, value in chosen.active():
        ticked.setdefault(name, set()).add(value.strip())
    return ticked


def _field(chosen: ListFilter, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": chosen.filters[name].label,
        "value": chosen.text_of(name),
        "problems": chosen.problems.get(name, []),
    }


def _elsewhere(chosen: ListFilter, name: str, cursor: str) -> str:
    """Return the address of another page of the same list."""
    return f"{chosen.query()}&{name}={cursor}".replace("?&", "?")


def _cleared(chosen: ListFilter) -> str:
    """Return the address of the list without its filters; the words stay."""
    return chosen.query(drop={pair for pair in chosen.active() if pair[0] != "q"})


def _chips(chosen: ListFilter) -> list[Chip]:
    return [
        Chip(
            str(chosen.filters[name].label),
            _shown(chosen, name, value),
            chosen.query(drop={(name, value)}),
        )
        for name, value in chosen.active()
    ]


def _shown(chosen: ListFilter, name: str, value: str) -> str:
    """Return how readers see a value that was chosen: a row's name, a code's word, a day."""
    clean = chosen.chosen[name]
    if isinstance(chosen.form.fields[name], RowsField):
        given = list(dict.fromkeys(one.strip() for one in chosen.data.getlist(name) if one.strip()))
        return str(clean[given.index(value.strip())])
    if isinstance(chosen.form.fields[name], ManyField):
        return label(name, value.strip())
    return date_format(clean) if hasattr(clean, "isoformat") else value


def _problems(chosen: ListFilter) -> list[tuple[str, str, str]]:
    """Return each problem with its field's name and label, for the summary above the list."""
    labels = {"sort": _("Order"), "page_size": _("Page size")}
    labels |= dict.fromkeys(("after", "before"), _("Page"))
    return [
        (name, str(labels.get(name) or chosen.filters[name].label), message)
        for name, messages in chosen.problems.items()
        for message in messages
    ]
