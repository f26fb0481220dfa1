"""Draws SVG charts on the server: no script, colours from the page's style sheet.

A drawing has a title and a description, prints, and is laid out for a window of 360 pixels. The
same data is always beside it as a list or table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

# In units of the drawing, which are pixels in a narrow window.
_WIDTH, _LINE, _PAD, _INDENT = 336, 20, 10, 26
# Average widths of a letter at 12 units, in the widest of the system fonts.
_REGULAR, _BOLD, _SMALL = 6.7, 7.9, 6
_MAX_COLUMN_WIDTH = 24
# Rows of a box; the list beside the drawing has all.
_MAX_ROWS = 12
_STATE_ICON = "M1 4.5 6 1.5l5 3zM2 10.5h8M3 5v5M6 5v5M9 5v5"


@dataclass(frozen=True)
class Row:
    """A line of a box. `source` is the text of the row that it reprints, drawn as an edge."""

    text: str
    detail: str = ""
    is_state: bool = False
    source: str = ""
    # Drawn only as the source of a row that reprints it.
    is_uncited: bool = False
    is_current: bool = False


@dataclass(frozen=True)
class Box:
    """An owner group: its name, a note, and its rows."""

    title: str
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True)
class Side:
    """Boxes on one stem; `kind` is the stem's CSS class."""

    title: str
    boxes: Sequence[Box]
    kind: str = "supports"


@dataclass(frozen=True)
class Labels:
    """The translated texts of a tree of boxes, other than its rows."""

    title: str
    description: str
    root: str
    root_note: str
    state: str
    more: str  # with %(n)s


def tree(labels: Labels, sides: Sequence[Side], *, name: str) -> str:
    """Return a drawing of boxes on stems, side under side; `name` is the prefix of its ids."""
    parts: list[str] = []
    root_height = 36 + (16 if labels.root_note else 0)
    top: float = root_height + 5
    stem_end = top
    for side in sides:
        parts.append(_text(_INDENT, top + 16, side.title, "map-side", max_width=_WIDTH - _INDENT))
        top += 26
        joints: list[float] = []
        for box in side.boxes:
            joints.append(top + 15)
            shapes, height = _box(box, top, labels)
            parts += shapes
            top += height + 8
        stem = "".join(f"M12 {y:g}H{_INDENT}" for y in joints)
        stem_start = root_height + 1 if side is sides[0] else stem_end
        parts.append(
            f'<path class="map-stem map-{side.kind}" d="M12 {stem_start:g}V{joints[-1]:g}{stem}"/>'
        )
        stem_end = joints[-1]
        top += 6
    root = (
        f'<rect class="map-root" x="1" y="1" width="{_WIDTH - 2}" height="{root_height}" rx="6"/>'
        + _text(12, 23, labels.root, "map-root-name", max_width=_WIDTH - 24, char_width=_BOLD)
        + (_text(12, 40, labels.root_note, "map-note") if labels.root_note else "")
    )
    return _svg(labels.title, labels.description, name, top, root + "".join(parts))


def _box(box: Box, top: float, labels: Labels) -> tuple[list[str], float]:
    shown = box.rows if len(box.rows) <= _MAX_ROWS else box.rows[: _MAX_ROWS - 1]
    left, width = _INDENT, _WIDTH - _INDENT - 1
    text_left, text_width = left + _PAD, width - 2 * _PAD
    head = 26 + (16 if box.note else 0)
    height = head + _LINE * (len(shown) + (len(shown) < len(box.rows))) + 6
    parts = [
        f'<rect class="map-box" x="{left}" y="{top:g}" width="{width}" height="{height:g}"'
        ' rx="6"/>',
        _text(text_left, top + 19, box.title, "map-group", max_width=text_width, char_width=_BOLD),
    ]
    if box.note:
        parts.append(
            _text(
                text_left, top + 35, box.note, "map-note", max_width=text_width, char_width=_SMALL
            )
        )
    has_edges = any(row.source for row in shown)
    row_tops = {
        row.text: top + head + _LINE * index for index, row in reversed(list(enumerate(shown)))
    }
    for index, row in enumerate(shown):
        parts += _row(row, top + head + _LINE * index, row_tops if has_edges else {}, labels)
    if len(shown) < len(box.rows):
        more = labels.more % {"n": len(box.rows) - len(shown)}
        parts.append(_text(text_left + 14, top + height - 12, more, "map-note"))
    return parts, height


def _row(row: Row, top: float, row_tops: dict[str, float], labels: Labels) -> Iterable[str]:
    middle, left, right = top + 9, _INDENT + _PAD, _WIDTH - 1 - _PAD
    kind = " map-absent" if row.is_uncited else " map-here" if row.is_current else ""
    yield f'<circle class="map-dot{kind}" cx="{left + 4}" cy="{middle:g}" r="3.5"/>'
    # On the right, an edge with an arrow leads from a reprint to its source.
    source_top = row_tops.get(row.source) if row.source else None
    detail_right = right - (16 if row_tops else 0)
    badge_width = (len(labels.state) * 6 + 18) if row.is_state else 0
    max_width = detail_right - left - 14 - len(row.detail) * 6.1 - badge_width - 8
    name = _fit(row.text, max_width, _REGULAR)
    yield _text(left + 14, middle + 4, name, f"map-outlet{kind}")
    if row.is_state:
        badge_left = left + 14 + _text_width(name, _REGULAR) + 6
        yield (
            f'<g class="map-state"><path transform="translate({badge_left:g} {middle - 6:g})"'
            f' d="{_STATE_ICON}"/>'
            f"{_text(badge_left + 15, middle + 4, labels.state, '')}</g>"
        )
    if row.detail:
        yield _text(detail_right, middle + 4, row.detail, "map-day", anchor="end")
    if source_top is not None and source_top != top:
        yield (
            f'<path class="map-edge" d="M{right - 12:g} {middle:g}h8V{source_top + 9:g}h-8"/>'
            f'<path class="map-arrow" d="M{right - 12:g} {source_top + 9:g}l5 -3v6z"/>'
        )


@dataclass(frozen=True)
class Bar:
    """A part of a stacked bar: its label, CSS class and count."""

    label: str
    kind: str
    count: int


def bars(
    title: str, description: str, rows: Sequence[tuple[str, Sequence[Bar]]], *, name: str
) -> str:
    """Return one stacked bar for each row, on one scale, with its total."""
    highest = max((sum(bar.count for bar in parts) for _label, parts in rows), default=0)
    label_width = min(max((len(text) for text, _parts in rows), default=0) * _REGULAR + 8, 130)
    scale = (_WIDTH - label_width - 44) / highest if highest else 0
    shapes: list[str] = []
    for index, (text, parts) in enumerate(rows):
        top, left = 4 + 22 * index, label_width
        shapes.append(_text(0, top + 13, text, "bar-label", max_width=label_width))
        for bar in parts:
            if bar.count:
                width = bar.count * scale
                tooltip = f"{text}: {bar.label} {bar.count}"
                shapes.append(_part(tooltip, bar.kind, left, max(width, 0.5), top, 16))
                left += width
        total = sum(bar.count for bar in parts)
        shapes.append(_text(left + 5, top + 13, f"{total}", "bar-total"))
    return _svg(title, description, name, 8 + 22 * len(rows), "".join(shapes))


def strip(title: str, description: str, parts: Sequence[Bar], *, name: str) -> str:
    """Return one bar of full width, divided by the counts of its parts."""
    total = sum(bar.count for bar in parts)
    # A count above zero is visible, however small.
    sizes = [max(bar.count / total, 0.006) if bar.count else 0 for bar in parts]
    left, shapes = 0.0, []
    for bar, size in zip(parts, sizes, strict=True):
        width = size * _WIDTH / sum(sizes)
        tooltip = f"{bar.label}: {bar.count}"
        shapes += [_part(tooltip, bar.kind, left, width, 0, 22)] if size else []
        left += width
    return _svg(title, description, name, 22, "".join(shapes))


def squares(
    title: str, description: str, groups: Sequence[Sequence[tuple[str, str]]], *, name: str
) -> str:
    """Return a square for each item (tooltip and CSS class), with a gap between groups."""
    side, gap = 14, 3
    left, top, shapes = 0.0, 0.0, []
    for group in groups:
        for tooltip, kind in group:
            if left + side > _WIDTH:
                left, top = 0.0, top + side + gap
            shapes.append(_part(tooltip, kind, left, side, top, side))
            left += side + gap
        left += 2 * gap
    return _svg(title, description, name, top + side, "".join(shapes))


def columns(title: str, description: str, counts: Sequence[tuple[str, int]], *, name: str) -> str:
    """Return a column for each slot of time, and the names of the first and last slot."""
    highest = max((count for _label, count in counts), default=0)
    slot_width = _WIDTH / max(len(counts), 1)
    # A single column as wide as the drawing would not look like a column.
    width = min(max(slot_width - 1, 0.8), _MAX_COLUMN_WIDTH)
    shapes = [f'<path class="axis" d="M0 70.5H{_WIDTH}"/>', _text(0, 10, f"{highest}", "bar-label")]
    for index, (label, count) in enumerate(counts):
        if count:
            height = 56 * count / highest
            tooltip = f"{label}: {count}"
            shapes.append(_part(tooltip, "column", index * slot_width, width, 70 - height, height))
    if counts:
        shapes.append(_text(0, 85, counts[0][0], "bar-label"))
    if len(counts) > 1:
        right = _WIDTH - slot_width + width
        shapes.append(_text(right, 85, counts[-1][0], "bar-label", anchor="end"))
    return _svg(title, description, name, 90, "".join(shapes))


def _part(tooltip: str, kind: str, left: float, width: float, top: float, height: float) -> str:
    return (
        f'<rect class="bar bar-{escape(kind)}" x="{left:.1f}" y="{top:g}" width="{width:.1f}"'
        f' height="{height:.1f}"><title>{escape(tooltip)}</title></rect>'
    )


def interval(low: float, share: float, high: float) -> str:
    """Return a share on a scale from 0 to 1, with its confidence interval as a line.

    Hidden from screen readers: the numbers are beside it.
    """
    left, right, dot = (4 + 92 * value for value in (low, high, share))
    return (
        '<svg class="interval" viewBox="0 0 100 16" width="100" height="16" aria-hidden="true">'
        '<path class="interval-scale" d="M4 4v8M4 8H96M96 4v8"/>'
        f'<path class="interval-line" d="M{left:.1f} 8H{right:.1f}"/>'
        f'<circle class="interval-dot" cx="{dot:.1f}" cy="8" r="3.5"/></svg>'
    )


def _svg(title: str, description: str, name: str, height: float, body: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height:g}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{body}</svg>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    kind: str,
    *,
    max_width: float = 0,
    char_width: float = _REGULAR,
    anchor: str = "",
) -> str:
    if max_width:
        text = _fit(text, max_width, char_width)
    anchor_attribute = f' text-anchor="{anchor}"' if anchor else ""
    css_class = f' class="{kind}"' if kind else ""
    return f'<text{css_class} x="{x:g}" y="{y:g}"{anchor_attribute}>{escape(text)}</text>'


def _fit(text: str, max_width: float, char_width: float) -> str:
    """Shorten a text to a width."""
    if _text_width(text, char_width) <= max_width:
        return text
    shortened = text
    while len(shortened) > 1 and _text_width(shortened, char_width) > max_width - char_width:
        shortened = shortened[:-1]
    return f"{shortened.rstrip()}…"


def _text_width(text: str, char_width: float) -> float:
    """Estimate the width of a text; Chinese letters and the like are twice as wide."""
    return sum(char_width * _width_factor(char) for char in text)


def _width_factor(char: str) -> float:
    if "\u0400" <= char <= "\u052f":  # Cyrillic
        return 1.12
    return 1.8 if east_asian_width(char) in "WF" else 1
