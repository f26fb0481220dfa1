"""Pictures as SVG, drawn on the server: no script, colours from the page's style sheet.

A drawing has a title and a description, prints, and stays legible in a window of 360 pixels: it
is laid out for that width, and grows no further than its text reads well. What it shows stands
beside it as a list or table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

# In units of the drawing, which are pixels in a narrow window.
_WIDTH, _LINE, _PAD, _INDENT = 336, 20, 10, 26
# What a letter takes at 12 units on average, in the widest fonts of the system.
_LETTER, _BOLD, _SMALL = 6.7, 7.9, 6
# Of a column.
_WIDEST = 24
# Rows that a box shows; the list beside the drawing has all.
_MOST_ROWS = 12
_STATE = "M1 4.5 6 1.5l5 3zM2 10.5h8M3 5v5M6 5v5M9 5v5"


@dataclass(frozen=True)
class Row:
    """A line of a box. `source` is the name of the row that it repeats, drawn as an edge."""

    text: str
    detail: str = ""
    is_state: bool = False
    source: str = ""
    # Stands there only because another row repeats it.
    is_absent: bool = False
    is_here: bool = False


@dataclass(frozen=True)
class Box:
    """A family: its name, what is said of it, and its rows."""

    title: str
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True)
class Side:
    """Boxes that hang on one stem: `kind` is its class in the style sheet."""

    title: str
    boxes: Sequence[Box]
    kind: str = "supports"


@dataclass(frozen=True)
class Words:
    """What a tree of boxes says besides its rows, in the reader's language."""

    title: str
    description: str
    root: str
    root_note: str
    state: str
    more: str  # with %(n)s


def tree(words: Words, sides: Sequence[Side], *, name: str) -> str:
    """Return a drawing of boxes on stems, side under side; `name` begins its ids."""
    parts: list[str] = []
    root_height = 36 + (16 if words.root_note else 0)
    top: float = root_height + 5
    end = top
    for side in sides:
        parts.append(_text(_INDENT, top + 16, side.title, "map-side", room=_WIDTH - _INDENT))
        top += 26
        joints: list[float] = []
        for box in side.boxes:
            joints.append(top + 15)
            drawn, height = _box(box, top, words)
            parts += drawn
            top += height + 8
        stem = "".join(f"M12 {y:g}H{_INDENT}" for y in joints)
        begin = root_height + 1 if side is sides[0] else end
        parts.append(
            f'<path class="map-stem map-{side.kind}" d="M12 {begin:g}V{joints[-1]:g}{stem}"/>'
        )
        end = joints[-1]
        top += 6
    root = (
        f'<rect class="map-root" x="1" y="1" width="{_WIDTH - 2}" height="{root_height}" rx="6"/>'
        + _text(12, 23, words.root, "map-root-name", room=_WIDTH - 24, letter=_BOLD)
        + (_text(12, 40, words.root_note, "map-note") if words.root_note else "")
    )
    return _svg(words.title, words.description, name, top, root + "".join(parts))


def _box(box: Box, top: float, words: Words) -> tuple[list[str], float]:
    shown = box.rows if len(box.rows) <= _MOST_ROWS else box.rows[: _MOST_ROWS - 1]
    left, width = _INDENT, _WIDTH - _INDENT - 1
    head = 26 + (16 if box.note else 0)
    height = head + _LINE * (len(shown) + (len(shown) < len(box.rows))) + 6
    parts = [
        f'<rect class="map-box" x="{left}" y="{top:g}" width="{width}" height="{height:g}"'
        ' rx="6"/>',
        _text(left + _PAD, top + 19, box.title, "map-group", room=width - 2 * _PAD, letter=_BOLD),
    ]
    if box.note:
        parts.append(
            _text(left + _PAD, top + 35, box.note, "map-note", room=width - 2 * _PAD, letter=_SMALL)
        )
    has_edges = any(row.source for row in shown)
    places = {
        row.text: top + head + _LINE * place for place, row in reversed(list(enumerate(shown)))
    }
    for place, row in enumerate(shown):
        parts += _row(row, top + head + _LINE * place, places if has_edges else {}, words)
    if len(shown) < len(box.rows):
        more = words.more % {"n": len(box.rows) - len(shown)}
        parts.append(_text(left + _PAD + 14, top + height - 12, more, "map-note"))
    return parts, height


def _row(row: Row, top: float, places: dict[str, float], words: Words) -> Iterable[str]:
    middle, left, right = top + 9, _INDENT + _PAD, _WIDTH - 1 - _PAD
    kind = " map-absent" if row.is_absent else " map-here" if row.is_here else ""
    yield f'<circle class="map-dot{kind}" cx="{left + 4}" cy="{middle:g}" r="3.5"/>'
    # A repeat is joined to what it repeats by an edge with an arrow, on the right.
    edge = places.get(row.source) if row.source else None
    detail = right - (16 if places else 0)
    mark = (len(words.state) * 6 + 18) if row.is_state else 0
    room = detail - left - 14 - len(row.detail) * 6.1 - mark - 8
    name = _short(row.text, room, _LETTER)
    yield _text(left + 14, middle + 4, name, f"map-outlet{kind}")
    if row.is_state:
        at = left + 14 + _wide(name, _LETTER) + 6
        yield (
            f'<g class="map-state"><path transform="translate({at:g} {middle - 6:g})"'
            f' d="{_STATE}"/>'
            f"{_text(at + 15, middle + 4, words.state, '')}</g>"
        )
    if row.detail:
        yield _text(detail, middle + 4, row.detail, "map-day", anchor="end")
    if edge is not None and edge != top:
        yield (
            f'<path class="map-edge" d="M{right - 12:g} {middle:g}h8V{edge + 9:g}h-8"/>'
            f'<path class="map-arrow" d="M{right - 12:g} {edge + 9:g}l5 -3v6z"/>'
        )


@dataclass(frozen=True)
class Bar:
    """A part of a stacked bar: what it is, its class in the style sheet, and how many."""

    label: str
    kind: str
    count: int


def bars(
    title: str, description: str, rows: Sequence[tuple[str, Sequence[Bar]]], *, name: str
) -> str:
    """Return stacked bars, one a row, on one scale, each with its total."""
    most = max((sum(bar.count for bar in parts) for _label, parts in rows), default=0)
    label = min(max((len(text) for text, _parts in rows), default=0) * _LETTER + 8, 130)
    scale = (_WIDTH - label - 44) / most if most else 0
    drawn: list[str] = []
    for place, (text, parts) in enumerate(rows):
        top, left = 4 + 22 * place, label
        drawn.append(_text(0, top + 13, text, "bar-label", room=label))
        for bar in parts:
            if bar.count:
                width = bar.count * scale
                said = f"{text}: {bar.label} {bar.count}"
                drawn.append(_part(said, bar.kind, left, max(width, 0.5), top, 16))
                left += width
        total = sum(bar.count for bar in parts)
        drawn.append(_text(left + 5, top + 13, f"{total}", "bar-total"))
    return _svg(title, description, name, 8 + 22 * len(rows), "".join(drawn))


def strip(title: str, description: str, parts: Sequence[Bar], *, name: str) -> str:
    """Return one bar of full width, parted by how many there are of each."""
    total = sum(bar.count for bar in parts)
    # What is there is seen, however little.
    sizes = [max(bar.count / total, 0.006) if bar.count else 0 for bar in parts]
    left, drawn = 0.0, []
    for bar, size in zip(parts, sizes, strict=True):
        width = size * _WIDTH / sum(sizes)
        said = f"{bar.label}: {bar.count}"
        drawn += [_part(said, bar.kind, left, width, 0, 22)] if size else []
        left += width
    return _svg(title, description, name, 22, "".join(drawn))


def squares(
    title: str, description: str, groups: Sequence[Sequence[tuple[str, str]]], *, name: str
) -> str:
    """Return a square for each thing (what it is, and its kind), with a gap between groups."""
    side, gap = 14, 3
    left, top, drawn = 0.0, 0.0, []
    for group in groups:
        for said, kind in group:
            if left + side > _WIDTH:
                left, top = 0.0, top + side + gap
            drawn.append(_part(said, kind, left, side, top, side))
            left += side + gap
        left += 2 * gap
    return _svg(title, description, name, top + side, "".join(drawn))


def columns(title: str, description: str, counts: Sequence[tuple[str, int]], *, name: str) -> str:
    """Return a column for each slot of time, and the names of the first and last slot."""
    most, wide = max((count for _label, count in counts), default=0), _WIDTH / max(len(counts), 1)
    # A block over the whole drawing would not look like a column.
    width = min(max(wide - 1, 0.8), _WIDEST)
    drawn = [f'<path class="axis" d="M0 70.5H{_WIDTH}"/>', _text(0, 10, f"{most}", "bar-label")]
    for place, (label, count) in enumerate(counts):
        if count:
            height = 56 * count / most
            said = f"{label}: {count}"
            drawn.append(_part(said, "column", place * wide, width, 70 - height, height))
    if counts:
        drawn.append(_text(0, 85, counts[0][0], "bar-label"))
    if len(counts) > 1:
        end = _WIDTH - wide + width
        drawn.append(_text(end, 85, counts[-1][0], "bar-label", anchor="end"))
    return _svg(title, description, name, 90, "".join(drawn))


def _part(said: str, kind: str, left: float, width: float, top: float, height: float) -> str:
    return (
        f'<rect class="bar bar-{escape(kind)}" x="{left:.1f}" y="{top:g}" width="{width:.1f}"'
        f' height="{height:.1f}"><title>{escape(said)}</title></rect>'
    )


def interval(low: float, share: float, high: float) -> str:
    """Return a share on a scale from none to all, with what it may be as a line beneath it.

    No picture of its own: the numbers stand beside it.
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
    room: float = 0,
    letter: float = _LETTER,
    anchor: str = "",
) -> str:
    if room:
        text = _short(text, room, letter)
    end = f' text-anchor="{anchor}"' if anchor else ""
    of = f' class="{kind}"' if kind else ""
    return f'<text{of} x="{x:g}" y="{y:g}"{end}>{escape(text)}</text>'


def _short(text: str, room: float, letter: float) -> str:
    """Return as much of a text as there is room for."""
    if _wide(text, letter) <= room:
        return text
    kept = text
    while len(kept) > 1 and _wide(kept, letter) > room - letter:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _wide(text: str, letter: float) -> float:
    """Return about how wide a text is; Chinese letters and the like are twice as wide."""
    return sum(letter * _breadth(char) for char in text)


def _breadth(char: str) -> float:
    if "\u0400" <= char <= "\u052f":  # Cyrillic
        return 1.12
    return 1.8 if east_asian_width(char) in "WF" else 1
