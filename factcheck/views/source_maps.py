"""SVG pictures of sources: the maps of claims and outlets, and charts by status, year and day."""

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
from factcheck.formatting import format_date_text
from factcheck.models import Citation, Claim, Outlet, Stance, Status
from factcheck.queries.independence import OwnerGroup

# A chart of time has room for this many columns.
_MAX_SLOTS = 84


def claim_map(claim: Claim, sides: Iterable[tuple[str, Sequence[OwnerGroup]]]) -> SafeString:
    """Return the map of a claim: its citations grouped by owner, with a branch for each stance."""
    branches = [
        svg.Side(_branch_title(stance, groups), [_box(group) for group in groups], stance)
        for stance, groups in sides
        if groups
    ]
    if not branches:
        return mark_safe("")
    labels = svg.Labels(
        title=_("Source map"),
        description="; ".join(
            f"{side.title}: {', '.join(box.title for box in side.boxes)}" for side in branches
        ),
        root=_("The claim") + (f" · {claim.claimant.name}" if claim.claimant else ""),
        root_note=date_format(claim.claimed_on) if claim.claimed_on else "",
        state=pgettext("state-controlled outlet", "state"),
        more=_("%(n)s more in the list"),
    )
    return mark_safe(svg.tree(labels, branches, name="map"))  # noqa: S308 - svg escapes


def _branch_title(stance: str, groups: Sequence[OwnerGroup]) -> str:
    n = len(groups)
    if stance == Stance.SUPPORTS:
        title = ngettext("Supported by %(n)s family", "Supported by %(n)s families", n)
    elif stance == Stance.DISPUTES:
        title = ngettext("Disputed by %(n)s family", "Disputed by %(n)s families", n)
    else:
        title = ngettext("Only mentioned by %(n)s family", "Only mentioned by %(n)s families", n)
    return title % {"n": n}


def _box(group: OwnerGroup) -> svg.Box:
    note = "" if group.has_known_owner else _("owner not known: counted on its own")
    if names := {citation.source.name for citation in group.claimants_own}:
        note = _("the claimant's own: %(outlets)s") % {"outlets": ", ".join(sorted(names))}
    return svg.Box(group.name, list(_rows(group)), note)


def _rows(group: OwnerGroup) -> Iterator[svg.Row]:
    cited = {citation.outlet_id for citation in group.citations}
    # Reprinted outlets come first, cited or not: edges lead to them.
    reprinted = {c.reprint_of_id: c.reprint_of for c in group.citations if c.reprint_of}
    for pk, source in reprinted.items():
        if pk not in cited:
            yield svg.Row(source.name, _("not cited itself"), source.is_state_controlled,
                             is_uncited=True)  # fmt: skip
    for citation in sorted(group.citations, key=lambda c: c.outlet_id not in reprinted):
        yield svg.Row(
            citation.outlet.name,
            _day(citation),
            citation.outlet.is_state_controlled,
            source=citation.reprint_of.name if citation.reprint_of else "",
        )


def _day(citation: Citation) -> str:
    if citation.published_on:
        return date_format(citation.published_on, "SHORT_DATE_FORMAT")
    return format_date_text(citation.date_text)


def outlet_map(
    outlet: Outlet, siblings: Sequence[Outlet], reprints: Any, reprinted_by: Any
) -> SafeString:
    """Return an outlet's map: its owner's outlets, the outlets it reprints, and its reprinters.

    `reprints` and `reprinted_by` are outlets with `claim_count`.
    """
    owned = [
        svg.Row(
            member.name,
            member.get_control_display(),
            member.is_state_controlled,
            is_current=member == outlet,
        )
        for member in (outlet, *siblings)
    ]
    note = "" if outlet.owner else _("owner not known: counted on its own")
    sides = [svg.Side(_("Its family"), [svg.Box(outlet.owner_group_name, owned, note)])]
    for title, rows in ((_("It reprints"), reprints), (_("Reprinted by"), reprinted_by)):
        if rows:
            lines = [
                svg.Row(row.name, _claims(row.claim_count), row.is_state_controlled) for row in rows
            ]
            sides.append(svg.Side(title, [svg.Box(title, lines)], "mentions"))
    labels = svg.Labels(
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
    return mark_safe(svg.tree(labels, sides, name="family"))  # noqa: S308 - svg escapes


def years_chart(
    outlet: Outlet, statuses: Sequence[Status], years: Sequence[tuple[Any, list[int], int, int]]
) -> SafeString:
    """Return the claims that an outlet supports: a bar for each year, a part for each status."""
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
    return mark_safe(  # noqa: S308 - svg escapes
        svg.bars(title, _("The table beside it has the numbers."), rows, name="years")
    )


def status_strip(counts: Sequence[tuple[Status, int]]) -> SafeString:
    """Return claims by status as a bar; empty if there are none."""
    parts = [svg.Bar(str(status.label), status.value, count) for status, count in counts]
    if not any(bar.count for bar in parts):
        return mark_safe("")
    text = ", ".join(f"{bar.label} {bar.count}" for bar in parts if bar.count)
    return mark_safe(svg.strip(_("Claims by status"), text, parts, name="strip"))  # noqa: S308 - svg escapes


def article_squares(paragraphs: Sequence[Sequence[Any]]) -> SafeString:
    """Return a square for each claim of an article, paragraph by paragraph."""
    groups = [
        [(f"{Status(row.status).label}: {Truncator(row.text).chars(160)}", row.status)
         for row in rows]
        for rows in paragraphs
    ]  # fmt: skip
    n = sum(map(len, groups))
    text = ngettext(
        "%(n)s claim in the order of the text.", "%(n)s claims in the order of the text.", n
    ) % {"n": n}
    return mark_safe(svg.squares(_("The article, claim by claim"), text, groups, name="squares"))  # noqa: S308 - svg escapes


class Slot(NamedTuple):
    """A day, month or year in a chart of time, with its count."""

    name: str
    n: int
    first: date
    last: date


def days_chart(days: Mapping[date, int], title: str) -> tuple[SafeString, list[Slot]]:
    """Return counts by day, month or year, whichever is the finest that fits.

    They come as a chart, and as the slots that are not empty.
    """
    if not days:
        return mark_safe(""), []
    starts, form = _slot_starts(min(days), max(days))
    counts = Counter[date]()
    for day, count in days.items():
        counts[starts[bisect_right(starts, day) - 1]] += count
    slots = [
        Slot(date_format(start, form), counts[start], start, _last_day(start, form))
        for start in starts
    ]
    filled = [slot for slot in slots if slot.n]
    text = "; ".join(f"{slot.name}: {slot.n}" for slot in filled)
    chart = svg.columns(title, text, [slot[:2] for slot in slots], name="days")
    return mark_safe(chart), filled  # noqa: S308 - svg escapes


def _slot_starts(first: date, last: date) -> tuple[list[date], str]:
    """Return the first dates of the days, months or years of a span, and their date format."""
    if (last - first).days < _MAX_SLOTS:
        return [first + timedelta(n) for n in range((last - first).days + 1)], "DATE_FORMAT"
    from_month, to_month = (12 * day.year + day.month - 1 for day in (first, last))
    if to_month - from_month < _MAX_SLOTS:
        months = (divmod(n, 12) for n in range(from_month, to_month + 1))
        return [date(year, month + 1, 1) for year, month in months], "YEAR_MONTH_FORMAT"
    return [date(year, 1, 1) for year in range(first.year, last.year + 1)], "Y"


def _last_day(start: date, form: str) -> date:
    """Return the last day of a slot."""
    if form == "DATE_FORMAT":
        return start
    month = start.month if form == "YEAR_MONTH_FORMAT" else 12
    return date(start.year, month, monthrange(start.year, month)[1])


def _claims(n: int) -> str:
    return ngettext("%(n)s claim", "%(n)s claims", n) % {"n": n}
