"""The claims of a list as CSV, JSON Lines and XLSX, streamed.

Each claim is a row, in the order of the list. Several values in a cell are separated by `; `. In
CSV and XLSX, a cell that a spreadsheet would run begins with an apostrophe.
"""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import orjson

from factcheck.absolute_urls import url_builder
from factcheck.db import bulk_sql
from factcheck.models import Claim
from factcheck.queries.claim_detail import cited_outlets
from factcheck.text.normalize import remove_controls

_CLAIMS_PER_CHUNK = 1_000
_BLOCK = 1 << 16
# A spreadsheet takes a cell for a formula if it begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Column(NamedTuple):
    """A column of the export."""

    name: str
    # The claim's column that it is read from; empty if `_rows` computes it.
    path: str = ""
    # For the data package that describes the full export (specs.frictionlessdata.io).
    type: str = "string"


# Everything that has columns reads this: the three formats, the full export and its description.
COLUMNS = (
    Column("url"),
    Column("slug", "slug"),
    Column("text", "text"),
    Column("language", "language"),
    Column("native_text", "native_text"),
    Column("native_language", "native_language"),
    Column("claimant", "claimant__name"),
    Column("claimed_on", "claimed_on", "date"),
    Column("status", "status"),
    Column("citation_count", "citation_count", "integer"),
    Column("outlet_count", "outlet_count", "integer"),
    Column("independent_count", "independent_count", "integer"),
    Column("outlets"),
    Column("topics"),
    Column("article", "article__slug"),
    Column("paragraph", "paragraph", "integer"),
    Column("updated_at", "updated_at", "datetime"),
)
HEAD = tuple(column.name for column in COLUMNS)


def export(kind: str, ids: Iterable[int]) -> Iterator[bytes]:
    """Yield the published claims of these ids, in their order, in one of FORMATS."""
    _type, write = FORMATS[kind]
    return write(_rows(ids))


def _rows(claim_ids: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Yield a flat row for each claim, reading many claims at once."""
    stored = {column.name: column.path for column in COLUMNS if column.path}
    page_url = url_builder("claim-detail")
    for ids in bulk_sql.batches(claim_ids, _CLAIMS_PER_CHUNK):
        claims = Claim.objects.published().filter(pk__in=bulk_sql.in_values(ids)).order_by()
        rows = {
            pk: dict(zip(stored, values, strict=True))
            for pk, *values in claims.values_list("pk", *stored.values())
        }
        outlets, topics = _outlets(ids), _topics(ids)
        for pk in ids:
            if row := rows.get(pk):
                computed = {
                    "url": page_url(row["slug"]),
                    "outlets": outlets[pk],
                    "topics": topics[pk],
                }
                yield {name: (computed if name in computed else row)[name] for name in HEAD}


def _as_json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _as_csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) in UTF-8, with the byte order mark that spreadsheets need."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow(_cells(row))
        if buffer.tell() > _BLOCK:
            yield _flush(buffer)
    yield _flush(buffer)


def _flush(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return data


# The limits of a sheet, and of a cell.
_MAX_ROWS, _MAX_CHARACTERS = 1_048_575, 32_767


def _as_xlsx(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield a workbook that is written row by row into a temporary file."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("claims")
    sheet.append(HEAD)

    def in_sheet(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = remove_controls(value)[:_MAX_CHARACTERS]
        if not text.startswith("#"):
            return text
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"  # `#N/A` would become an error
        return cell

    for row in islice(rows, _MAX_ROWS):
        sheet.append([in_sheet(value) for value in _cells(row)])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


FORMATS: dict[str, tuple[str, Callable[[Iterable[dict[str, Any]]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", _as_csv),
    "jsonl": ("application/jsonl", _as_json_lines),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
}


def _cells(row: dict[str, Any]) -> list[Any]:
    return [_cell(row[name]) for name in HEAD]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    elif hasattr(value, "isoformat"):
        value = value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _outlets(ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the names of the outlets that claims cite, each name once."""
    names: dict[int, list[str]] = defaultdict(list)
    for claim, outlets in cited_outlets(ids).items():
        names[claim] = list(dict.fromkeys(name for name, _control in outlets.values()))
    return names


def _topics(ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = defaultdict(list)
    links = Claim.topics.through.objects.filter(claim__in=ids).order_by("claim", "topic")
    for claim, name in links.values_list("claim", "topic__name"):
        names[claim].append(name)
    return names
