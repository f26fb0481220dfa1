"""What an editor sees and decides before an article is imported.

The page holds no state but its form: the text is read again at each step, and every choice has a
field named by where it stands in the text (`s` statement, `t` its text, `c` citation, `d` date,
`o` outlet; `m` outlet of a printed name, `w` one typed for it).
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _

from factcheck.admin.preview_rows import (
    CitationRow,
    GroupBox,
    Paragraph,
    Piece,
    Printed,
    StatementRow,
)
from factcheck.forms.date_fields import in_words, read_date
from factcheck.imports.articles.matching import claims_of, find_article
from factcheck.imports.articles.records import CitationRecord, Group, ReadArticle, Span
from factcheck.imports.articles.sentence_keys import citation_keys, sentence_keys, statement_key
from factcheck.imports.articles.warnings import doubts
from factcheck.imports.outlet_matching import KnownNames, identity, new_outlet
from factcheck.imports.outlet_names import MAX_NAME
from factcheck.models import Outlet
from factcheck.text import name_key

NEW = "new"


class Preview:
    """One reading of an article with the editor's choices so far (`data`: none on first sight)."""

    def __init__(
        self,
        read: ReadArticle,
        names: KnownNames,
        *,
        publisher: Outlet | None = None,
        data: Mapping[str, str] | None = None,
        was: ReadArticle | None = None,
    ) -> None:
        self.read, self.names, self.data = read, names, data
        self.article = find_article(read, publisher=publisher)
        self.seen = set(self.article.seen) if self.article else set()
        # What the dates were before, so that a date the editor wrote is told from a read one.
        self.before = {
            self._report_key(group, place): report.date or ""
            for group in (was or read).groups
            for place, report in enumerate(group.citations)
        }
        self.sentences = sentence_keys(read.statements)
        self.claims, gone = claims_of(self.article, read.statements)
        self.gone = [claim for claim in gone if claim.start is not None]
        self.printed = self._printed()
        self.keys = self._keys()
        self.groups = [self._group(number, group) for number, group in enumerate(read.groups, 1)]
        self.statements = self._statements()
        for row in self.statements:
            for number in row.groups:
                self.groups[number - 1].statements.append(row.number)

    @property
    def digest(self) -> str:
        """Return a key of what was read: choices made for another reading do not fit."""
        said = repr((self.read.groups, self.read.statements)).encode("utf-8", "replace")
        return hashlib.sha256(said).hexdigest()[:16]

    @property
    def is_valid(self) -> bool:
        rows = (row for box in self.groups for row in box.rows)
        named: Iterable[Any] = (*self.printed.values(), *self.statements)
        return not any(row.errors for row in chain(rows, named))

    @property
    def new(self) -> list[Printed]:
        return [printed for printed in self.printed.values() if not printed.known]

    @property
    def known(self) -> list[Printed]:
        return [printed for printed in self.printed.values() if printed.known]

    @property
    def is_misnamed(self) -> bool:
        return any(printed.errors for printed in self.known)

    @property
    def citation_count(self) -> int:
        return sum(len(box.rows) for box in self.groups)

    @property
    def doubt_count(self) -> int:
        return sum(
            len(box.doubts) + sum(len(row.doubts) for row in box.rows) for box in self.groups
        )

    @property
    def first_doubt(self) -> str:
        """The anchor of the first group with a doubt."""
        boxes = (box for box in self.groups if box.doubts or any(row.doubts for row in box.rows))
        return next((f"g{box.number}" for box in boxes), "")

    @property
    def other_day(self) -> str:
        """The day of publication that the text names, where another was given."""
        own, given = self.read.own_published, self.read.published
        return "" if not given or own.startswith(given) else own

    @property
    def first_error(self) -> str:
        """The anchor of the first row with an error."""
        if bad := next((printed for printed in self.printed.values() if printed.errors), None):
            return f"w{bad.key}"
        found = [(row.statement.start, f"s{row.key}") for row in self.statements if row.errors]
        found += [
            (row.report.start, f"c{row.key}")
            for box in self.groups
            for row in box.rows
            if row.errors
        ]
        return min(found)[1] if found else ""

    @property
    def field_count(self) -> int:
        return 2 * len(self.statements) + 3 * self.citation_count + 2 * len(self.printed)

    def edited(self) -> ReadArticle:
        """Return the article with the editor's words, days and lost outlets."""
        groups = tuple(
            box.group._replace(citations=tuple(map(self._edited, box.rows))) for box in self.groups
        )
        statements = tuple(
            row.statement._replace(plain=" ".join(row.text.split())) for row in self.statements
        )
        return replace(self.read, groups=groups, statements=statements)

    def mapped(self) -> dict[str, Outlet]:
        """Return the outlets that the editor chose for printed names."""
        chosen = ((printed.name, self._choice(printed)) for printed in self.printed.values())
        return {name: outlet for name, outlet in chosen if outlet}

    def left_out(self) -> set[str]:
        """Return the keys of what is not ticked."""
        citations = (row for box in self.groups for row in box.rows if not row.ticked)
        return {key for row in citations for key in row.keys.values()} - self._anew() | {
            row.seen_as for row in self.statements if not row.ticked and not row.claim
        }

    def wanted(self) -> set[str]:
        """Return the keys of what an import has read before and the editor ticks again."""
        citations = (row for box in self.groups for row in box.rows if row.ticked and row.was_read)
        keys = {key for row in citations for key in row.keys.values()}
        statements = {row.seen_as for row in self.statements if row.ticked and row.was_read}
        return keys | self._anew() | statements

    def _anew(self) -> set[str]:
        """Return the keys of what a statement that is ticked again rests on.

        A box that says `read before` speaks of the claims that are there.
        """
        return {
            key
            for box in self.groups
            for row in box.rows
            for place, key in row.keys.items()
            if row.was_read and self.statements[place].ticked and self.statements[place].was_read
        }

    @property
    def adds_nothing(self) -> bool:
        return not any(row.ticked or row.claim for row in self.statements)

    def paragraphs(self) -> tuple[list[Paragraph], str]:
        """Return the body, and what stands behind it."""
        boxes, rows = defaultdict(list), defaultdict(list)
        for box, number in zip(self.groups, self.read.group_paragraphs, strict=True):
            boxes[number].append(box)
        for row in self.statements:
            rows[row.statement.paragraph].append(row)
        asides = deque(self.read.ignored)
        found, position = [], 0
        for number, (start, end) in enumerate(self.read.body, 1):
            here: list[Span] = []
            while asides and asides[0].start < end:
                here.append(asides.popleft())
            pieces = list(self._pieces(start, end, rows[number], boxes[number], here))
            before = self.read.text[position:start].strip()
            found.append(Paragraph(number, pieces, rows[number], boxes[number], before))
            position = end
        return found, self.read.text[position:].strip()

    def _given(self, name: str, default: str) -> str:
        """Return a field, or `default` on first sight."""
        return default if self.data is None else self.data.get(name, "").replace("\0", "")

    def _given_name(self, name: str) -> tuple[str, list[str]]:
        """Return an outlet's name as it was typed, and what is wrong with it."""
        typed = self._given(name, "").strip()
        return typed, _problems(MaxLengthValidator(MAX_NAME), typed)

    def _ticked(self, name: str, *, default: bool) -> bool:
        return default if self.data is None else name in self.data

    def _printed(self) -> dict[str, Printed]:
        self.names.prepare(self.read.outlets)
        found: dict[str, Printed] = {}
        for name in self.read.outlets:
            if (meant := identity(name)) not in found:
                key = hashlib.sha256(meant.encode("utf-8", "replace")).hexdigest()[:10]
                known = self.names.find(name)
                near = [] if known else self.names.near(name)
                chosen = self._given(f"m{key}", NEW)
                typed, errors = self._given_name(f"w{key}")
                found[meant] = Printed(name, key, known, near, chosen, typed, errors=errors)
        for group in self.read.groups:
            for report in group.citations:
                if report.outlet:
                    found[identity(report.outlet)].count += 1
        return found

    def _choice(self, printed: Printed) -> Outlet | None:
        """Return the outlet that the editor chose for a printed name; None: as it was read."""
        if name_key(printed.typed) not in {"", name_key(printed.label)}:
            return self.names.find(printed.typed) or new_outlet(printed.typed)
        return next((outlet for outlet in printed.near if outlet.slug == printed.chosen), None)

    def _keys(self) -> dict[str, dict[int, str]]:
        """Return the keys of each citation, by the places of the statements it is cited for."""
        found: dict[str, dict[int, str]] = defaultdict(dict)
        for number, (statement, sentence) in enumerate(
            zip(self.read.statements, self.sentences, strict=True)
        ):
            for index in statement.groups:
                group = self.read.groups[index]
                for place, key in enumerate(citation_keys(sentence, group.citations)):
                    found[self._report_key(group, place)][number] = key
        return found

    def _group(self, number: int, group: Group) -> GroupBox:
        all_doubts = list(doubts(self.read, group))
        rows = [self._row(group, place, report) for place, report in enumerate(group.citations)]
        for doubt in all_doubts:
            if doubt.report is not None:
                rows[doubt.report].doubts.append(doubt.message)
        return GroupBox(
            number, group, rows, [doubt for doubt in all_doubts if doubt.report is None]
        )

    def _row(self, group: Group, place: int, report: CitationRecord) -> CitationRow:
        key = self._report_key(group, place)
        printed = self.printed[identity(report.outlet)] if report.outlet else None
        date, errors = self._date(key, report.date or "")
        typed, mistaken = self._given_name(f"o{key}")
        keys = self.keys[key]
        was_read = bool(keys) and self.seen.issuperset(keys.values())
        ticked = self._ticked(f"c{key}", default=not was_read)
        return CitationRow(
            key,
            report,
            printed,
            ticked,
            date,
            "" if errors else in_words(date),
            typed,
            was_read,
            keys,
            errors=[*errors, *mistaken] if ticked else [],
        )

    def _date(self, key: str, printed: str) -> tuple[str, list[str]]:
        """Return the editor's date of a citation, or the one as printed, and what is wrong."""
        given = self._given(f"d{key}", printed).strip()
        if errors := _problems(read_date, given):
            return given, errors
        read = read_date(given)
        # What stood there before was not the editor's: it may be read differently now.
        return (printed if read == self.before.get(key, printed) else read), []

    def _statements(self) -> list[StatementRow]:
        found = []
        for number, (statement, sentence, claim) in enumerate(
            zip(self.read.statements, self.sentences, self.claims, strict=True), 1
        ):
            key = statement_key(sentence)
            was_read = claim is None and key in self.seen
            row = StatementRow(
                number,
                statement,
                key,
                False,
                self._given(f"t{statement.start}", statement.plain),
                claim,
                was_read,
                [index + 1 for index in statement.groups],
            )
            row.ticked = claim is None and self._ticked(
                f"s{row.key}", default=bool(row.groups) and not was_read
            )
            if row.ticked and not row.text.strip():
                row.errors.append(_("Write the statement, or untick it."))
            found.append(row)
        return found

    def _edited(self, row: CitationRow) -> CitationRecord:
        record = row.report
        if row.date != (record.date or ""):
            record = record._replace(date=row.date or None, date_end=None)
        if record.outlet is None and name_key(row.typed):
            record = record._replace(outlet=row.typed)
        return record

    def _pieces(
        self,
        start: int,
        end: int,
        rows: list[StatementRow],
        boxes: list[GroupBox],
        asides: list[Span],
    ) -> Iterator[Piece]:
        """Yield a paragraph's stretches: each edge opens or closes a few marks."""
        marks: list[tuple[int, int, str, Any]] = [
            *((row.statement.start, row.statement.end, "statement", row.number) for row in rows),
            *((box.group.start, box.group.end, "group", box.number) for box in boxes),
            *((span.start, span.end, "is_ignored", True) for span in asides if span.start >= start),
        ]
        edges = sorted({start, end, *(edge for mark in marks for edge in mark[:2] if edge < end)})
        waiting = deque(sorted(marks))
        active: list[tuple[int, int, str, Any]] = []
        for left, right in pairwise(edges):
            while waiting and waiting[0][0] <= left:
                active.append(waiting.popleft())
            active = [mark for mark in active if left < mark[1]]
            piece = Piece(self.read.text[left:right])
            for first, _last, kind, value in active:
                setattr(piece, kind, value)
                piece.begins = piece.begins or (kind == "statement" and first == left)
                piece.opens_group = piece.opens_group or (kind == "group" and first == left)
            yield piece

    @staticmethod
    def _report_key(group: Group, place: int) -> str:
        return f"{group.start}-{place}"


def _problems(check: Callable[[str], Any], typed: str) -> list[str]:
    """Return what a check says against what was typed."""
    try:
        check(typed)
    except ValidationError as error:
        return error.messages
    return []
