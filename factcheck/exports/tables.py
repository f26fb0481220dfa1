"""The claims of a list as CSV, JSON Lines and XLSX, streamed.

One row a claim, in the list's own order; what holds several values is parted by `; `. A cell that
a spreadsheet would run is preceded by an apostrophe, in CSV and XLSX.
"""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from factcheck import sql
from factcheck.absolute_urls import address_of
from factcheck.models import Claim
from factcheck.queries.claim_detail import outlets_of
from factcheck.text import without_controls

_CHUNK = 1_000
# What makes a spreadsheet take a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    *("slug", "text", "language", "native_text", "native_language", "status", "claimed_on"),
    *("citation_count", "outlet_count", "independent_count", "paragraph", "updated_at"),
)
_LINKED = {"claimant": "claimant__name", "article": "article__slug"}
HEAD = (
    *("url", "slug", "text", "language", "native_text", "native_language", "claimant"),
    *("claimed_on", "status", "citation_count", "outlet_count", "independent_count"),
    *("outlets", "topics", "article", "paragraph", "updated_at"),
)


def export(kind: str, ids: Iterable[int]) -> Iterator[bytes]:
    """Yield the published claims of these ids, in their order, as one of FORMATS."""
    _type, write = FORMATS[kind]
    return write(_rows(iter(ids)))


def _rows(ids_left: Iterator[int]) -> Iterator[dict[str, Any]]:
    """Yield a flat row for each claim, reading so many at once."""
    columns = ("id", *_COLUMNS, *_LINKED.values())
    address = address_of("claim-detail")
    while ids := list(islice(ids_left, _CHUNK)):
        wanted = Claim.objects.published().filter(pk__in=sql.within(ids)).order_by()
        found = {row.pop("id"): row for row in wanted.values(*columns)}
        outlets = _outlets(ids)
        topics = _topics(ids)
        for pk in ids:
            if row := found.get(pk):
                row |= {name: row.pop(path) for name, path in _LINKED.items()}
                row["url"] = address(row["slug"])
                row["outlets"], row["topics"] = outlets[pk], topics[pk]
                yield {name: row[name] for name in HEAD}


def _as_json_lines(found: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for row in found:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _as_csv(found: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield CSV as RFC 4180 has it, in UTF-8 with the mark that spreadsheets ask for."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    yield b"\xef\xbb\xbf"
    for row in found:
        writer.writerow(_cells(row))
        if buffer.tell() > 1 << 16:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return data


# A sheet holds no more rows, a cell no more letters.
_MOST_IN_SHEET, _MOST_IN_CELL = 1_048_575, 32_767


def _as_xlsx(found: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield a workbook that is written row by row into a temporary file."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("claims")
    sheet.append(HEAD)

    def in_sheet(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = without_controls(value)[:_MOST_IN_CELL]
        if not text.startswith("#"):
            return text
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"  # `#N/A` would become an error
        return cell

    for row in islice(found, _MOST_IN_SHEET):
        sheet.append([in_sheet(value) for value in _cells(row)])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(1 << 16):
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
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for claim, _slug, name, _control in outlets_of(ids):
        found[claim][name] = None
    return defaultdict(list, {pk: list(names) for pk, names in found.items()})


def _topics(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    links = Claim.topics.through.objects.filter(claim__in=ids).order_by("claim", "topic")
    for claim, name in links.values_list("claim", "topic__name"):
        found[claim].append(name)
    return found
