"""The maps of sources: who stands behind a claim, and behind an outlet."""

from bisect import bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from factcheck import svg
from factcheck.models import Citation, Claim, Outlet, Stance, Status
from factcheck.queries.independence import Family
from factcheck.templatetags.factcheck import as_known

# A chart of time has room for so many columns.
_MOST_SLOTS = 84


def of_claim(claim: Claim, sides: Iterable[tuple[str, Sequence[Family]]]) -> SafeString:
    """Return the map of a claim: its citations in their families, a stem for each stance."""
    drawn = [
        svg.Side(_title(stance, found), [_box(family) for family in found], stance)
        for stance, found in sides
        if found
    ]
    if not drawn:
        return mark_safe("")
    words = svg.Words(
        title=_("Source map"),
        description="; ".join(
            f"{side.title}: {', '.join(box.title for box in side.boxes)}" for side in drawn
        ),
        root=_("The claim") + (f" · {claim.claimant.name}" if claim.claimant else ""),
        root_note=date_format(claim.claimed_on) if claim.claimed_on else "",
        state=pgettext("state-controlled outlet", "state"),
        more=_("%(n)s more in the list"),
    )
    return mark_safe(svg.tree(words, drawn, name="map"))  # noqa: S308 - charts escape


def _title(stance: str, found: Sequence[Family]) -> str:
    n = len(found)
    if stance == Stance.SUPPORTS:
        words = ngettext("Supported by %(n)s family", "Supported by %(n)s families", n)
    elif stance == Stance.DISPUTES:
        words = ngettext("Disputed by %(n)s family", "Disputed by %(n)s families", n)
    else:
        words = ngettext("Only mentioned by %(n)s family", "Only mentioned by %(n)s families", n)
    return words % {"n": n}


def _box(family: Family) -> svg.Box:
    note = "" if family.has_known_owner else _("owner not known: counted on its own")
    if own := {citation.source.name for citation in family.own_words}:
        note = _("the claimant's own: %(outlets)s") % {"outlets": ", ".join(sorted(own))}
    return svg.Box(family.name, list(_rows(family)), note)


def _rows(family: Family) -> Iterator[svg.Row]:
    cited = {citation.outlet_id for citation in family.citations}
    # What is reprinted stands first, cited or not: edges lead to it.
    reprinted = {c.reprint_of_id: c.reprint_of for c in family.citations if c.reprint_of}
    for pk, source in reprinted.items():
        if pk not in cited:
            yield svg.Row(source.name, _("not cited itself"), source.is_state_controlled,
                             is_absent=True)  # fmt: skip
    for citation in sorted(family.citations, key=lambda c: c.outlet_id not in reprinted):
        yield svg.Row(
            citation.outlet.name,
            _day(citation),
            citation.outlet.is_state_controlled,
            source=citation.reprint_of.name if citation.reprint_of else "",
        )


def _day(citation: Citation) -> str:
    if citation.published_on:
        return date_format(citation.published_on, "SHORT_DATE_FORMAT")
    return as_known(citation.date_text)


def of_outlet(
    outlet: Outlet, siblings: Sequence[Outlet], reprints: Any, reprinted_by: Any
) -> SafeString:
    """Return an outlet's map: its owner's outlets, what it reprints, and who reprints it.

    Of reprints come outlets with `claim_count`.
    """
    family = [
        svg.Row(one.name, one.get_control_display(), one.is_state_controlled, is_here=one == outlet)
        for one in (outlet, *siblings)
    ]
    note = "" if outlet.owner else _("owner not known: counted on its own")
    sides = [svg.Side(_("Its family"), [svg.Box(outlet.family_name, family, note)])]
    for title, rows in ((_("It reprints"), reprints), (_("Reprinted by"), reprinted_by)):
        if rows:
            lines = [svg.Row(one.name, _claims(one.claim_count), one.is_state_controlled)
                     for one in rows]  # fmt: skip
            sides.append(svg.Side(title, [svg.Box(title, lines)], "mentions"))
    words = svg.Words(
        title=_("Map of %(outlet)s") % {"outlet": outlet.name},
        description="; ".join(
            f"{side.title}: {', '.join(row.text for box in side.boxes for row in box.rows)}"
            for side in sides
        ),
        root=outlet.name,
        root_note="",
        state=pgettext("state-controlled outlet", "state"),
        more=_("%(n)s more in the list"),
    )
    return mark_safe(svg.tree(words, sides, name="family"))  # noqa: S308 - charts escape


def of_years(
    outlet: Outlet, statuses: Sequence[Status], years: Sequence[tuple[Any, list[int], int, int]]
) -> SafeString:
    """Return the claims that rest on an outlet: a bar a year, a part a status."""
    rows = [
        (
            str(year or _("undated")),
            [
                svg.Bar(str(status.label), status.value, count)
                for status, count in zip(statuses, counts, strict=True)
            ],
        )
        for year, counts, _decided, _total in years
    ]
    title = _("Claims that rest on %(outlet)s, by year and status") % {"outlet": outlet.name}
    return mark_safe(  # noqa: S308 - charts escape
        svg.bars(title, _("The table beside it has the numbers."), rows, name="years")
    )


def of_statuses(counts: Sequence[tuple[Status, int]]) -> SafeString:
    """Return claims by status as one bar; empty if there is none."""
    parts = [svg.Bar(str(status.label), status.value, count) for status, count in counts]
    if not any(bar.count for bar in parts):
        return mark_safe("")
    said = ", ".join(f"{bar.label} {bar.count}" for bar in parts if bar.count)
    return mark_safe(svg.strip(_("Claims by status"), said, parts, name="strip"))  # noqa: S308 - charts escape


def of_article(paragraphs: Sequence[Sequence[Any]]) -> SafeString:
    """Return a square for each claim of an article, in their order, paragraph by paragraph."""
    groups = [
        [(f"{Status(row.status).label}: {Truncator(row.text).chars(160)}", row.status)
         for row in rows]
        for rows in paragraphs
    ]  # fmt: skip
    n = sum(map(len, groups))
    said = ngettext(
        "%(n)s claim in the order of the text.", "%(n)s claims in the order of the text.", n
    ) % {"n": n}
    return mark_safe(svg.squares(_("The article, claim by claim"), said, groups, name="squares"))  # noqa: S308 - charts escape


class Slot(NamedTuple):
    """A day, month or year of a chart of time, with how many are of it."""

    name: str
    n: int
    first: date
    last: date


def of_days(days: Mapping[date, int], title: str) -> tuple[SafeString, list[Slot]]:
    """Return how many there are in each day, month or year of a span, the finest that fits.

    As a chart, and as the slots in which there are any.
    """
    if not days:
        return mark_safe(""), []
    starts, form = _slots(min(days), max(days))
    counts = Counter[date]()
    for day, count in days.items():
        counts[starts[bisect_right(starts, day) - 1]] += count
    slots = [
        Slot(date_format(start, form), counts[start], start, _last(start, form)) for start in starts
    ]
    found = [slot for slot in slots if slot.n]
    said = "; ".join(f"{slot.name}: {slot.n}" for slot in found)
    drawn = svg.columns(title, said, [slot[:2] for slot in slots], name="days")
    return mark_safe(drawn), found  # noqa: S308 - charts escape


def _slots(first: date, last: date) -> tuple[list[date], str]:
    """Return where the days, months or years of a span begin, and how such a slot is written."""
    if (last - first).days < _MOST_SLOTS:
        return [first + timedelta(n) for n in range((last - first).days + 1)], "DATE_FORMAT"
    from_month, to_month = (12 * day.year + day.month - 1 for day in (first, last))
    if to_month - from_month < _MOST_SLOTS:
        months = (divmod(n, 12) for n in range(from_month, to_month + 1))
        return [date(year, month + 1, 1) for year, month in months], "YEAR_MONTH_FORMAT"
    return [date(year, 1, 1) for year in range(first.year, last.year + 1)], "Y"


def _last(start: date, form: str) -> date:
    """Return the last day of a slot."""
    if form == "DATE_FORMAT":
        return start
    month = start.month if form == "YEAR_MONTH_FORMAT" else 12
    return date(start.year, month, monthrange(start.year, month)[1])


def _claims(n: int) -> str:
    return ngettext("%(n)s claim", "%(n)s claims", n) % {"n": n}
