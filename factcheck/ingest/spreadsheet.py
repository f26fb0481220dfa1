"""Reads other publishers' fact-checks from CSV and TSV, with columns as the file has them.

No Django, no database, no network; memory holds one row.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from factcheck.ingest.reviews import (
    Appearance,
    FileError,
    Found,
    Review,
    iso_day,
    language_code,
    needed,
    needed_link,
    plain_text,
    read_one,
    web_link,
)

_MOST_HEAD = 1 << 20
_NOTHING = {"", "none", "null", "nan", "n/a", "-"}


@dataclass(frozen=True)
class Columns:
    """How a table is read: which field stands in which column (by its name or number from 1)."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    has_head: bool = True


# A table's fields, and the names under which its columns are known without being told.
FIELDS = {
    "claim": {"claim", "text", "statement", "claimreviewed", "claim_reviewed"},
    "url": {"url", "link", "review_url", "source_url"},
    "label": {"label", "rating", "verdict", "textualrating", "textual_rating", "alternatename"},
    "publisher": {"publisher", "review_publisher", "organization", "author"},
    "reviewed": {"reviewed", "review_date", "reviewdate", "date_reviewed", "reviewed_on"},
    "date": {"date", "claim_date", "claimdate", "claimed_on"},
    "claimant": {"claimant", "speaker", "claim_author", "said_by"},
    "language": {"language", "languagecode", "lang"},
    "appearance": {"appearance", "appearance_url", "first_appearance"},
    "reason": {"reason", "summary", "review_body", "description"},
}


def read_table(stream: BinaryIO, columns: Columns) -> Iterator[Found]:
    """Yield the reviews of a CSV or TSV file, parted by comma, tab or semicolon."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    try:
        first = text.readline(_MOST_HEAD)
        if first.strip():
            yield from _rows(first, text, columns)
    finally:
        text.detach()


def _rows(first: str, rest: io.TextIOWrapper, columns: Columns) -> Iterator[Found]:
    rows = csv.reader(_again(first, rest), delimiter=max(",\t;", key=first.count))
    try:
        head = next(rows) if columns.has_head else []
        places = _places(head, columns)
        for row in rows:
            if any(cell.strip() for cell in row):
                names = head or [str(number) for number in range(1, len(row) + 1)]
                raw = dict(zip(names, row, strict=False))
                yield read_one(f"line {rows.line_num}", raw, partial(_from_row, row, places))
    except csv.Error as error:
        raise FileError(f"line {rows.line_num}: {error}") from error


def _again(first: str, rest: io.TextIOWrapper) -> Iterator[str]:
    yield first
    yield from rest


def _places(head: list[str], columns: Columns) -> dict[str, int]:
    """Return at which place of a row each field stands; FileError names what cannot be."""
    names = [name.strip().casefold().replace(" ", "_") for name in head]
    found = {
        name: next((place for place, one in enumerate(names) if one in known), -1)
        for name, known in FIELDS.items()
    }
    for name, column in columns.chosen.items():
        if name not in FIELDS:
            raise FileError(f"--map: there is no field “{name}”; there are {', '.join(FIELDS)}")
        wanted = column.strip().casefold().replace(" ", "_")
        if wanted in names:
            found[name] = names.index(wanted)
        elif column.isdecimal() and int(column) > 0:
            found[name] = int(column) - 1
        else:
            raise FileError(f"--map: there is no column “{column}”; there are {', '.join(head)}")
    for name in ("claim", "url"):
        if found[name] < 0:
            raise FileError(f"no column holds the {name}: say which by --map {name}=COLUMN")
    return found


def _from_row(row: list[str], places: Mapping[str, int], raw: object) -> Review:
    def cell(name: str) -> str:
        place = places[name]
        value = row[place].strip() if 0 <= place < len(row) else ""
        return "" if value.casefold() in _NOTHING else value

    appearance = web_link(cell("appearance"))
    return Review(
        url=needed_link(cell("url")),
        text=needed("claim", plain_text(cell("claim"))),
        publisher=plain_text(cell("publisher"))[:200],
        label=plain_text(cell("label"))[:200],
        reason=plain_text(cell("reason")),
        reviewed_on=iso_day(cell("reviewed")),
        language=language_code(cell("language")),
        claimant=plain_text(cell("claimant"))[:200],
        claimed_on=iso_day(cell("date")),
        appearances=(Appearance(appearance),) if appearance else (),
    )
