"""The preview of an article, in which an editor chooses what is imported.

The page keeps its state in its form alone: the text is read again at each step, and every choice
has a field that is named after its place in the text.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from factcheck.admin.article_preview_choices import Choice, Choices, errors_of
from factcheck.admin.article_preview_layout import paragraphs_of
from factcheck.admin.article_preview_rows import (
    CitationRow,
    GroupBox,
    Paragraph,
    Printed,
    StatementRow,
)
from factcheck.forms.date_fields import date_in_words, read_date
from factcheck.imports.articles.matching import find_article, match_claims
from factcheck.imports.articles.records import CitationGroup, CitationRecord, ParsedArticle
from factcheck.imports.articles.sentence_keys import citation_keys, sentence_keys, statement_key
from factcheck.imports.articles.warnings import warnings_for
from factcheck.imports.outlet_matching import OutletNames, new_outlet, printed_name_key
from factcheck.models import Outlet
from factcheck.text.name_keys import name_key

NEW_OUTLET = "new"


class ArticlePreview:
    """A reading of an article, with the editor's choices in `data`, which is None at first.

    `reading_before` is the reading that the form shows, if the date of publication has changed.
    """

    def __init__(
        self,
        reading: ParsedArticle,
        names: OutletNames,
        *,
        publisher: Outlet | None = None,
        data: Mapping[str, str] | None = None,
        reading_before: ParsedArticle | None = None,
    ) -> None:
        self.reading, self.names, self.choices = reading, names, Choices(data)
        self.article = find_article(reading, publisher=publisher)
        self.imported_keys = set(self.article.seen) if self.article else set()
        # A date that differs from the one shown before was written by the editor.
        self.dates_before = {
            _citation_key(group, index): citation.date or ""
            for group in (reading_before or reading).groups
            for index, citation in enumerate(group.citations)
        }
        self.sentences = sentence_keys(reading.statements)
        self.claims, removed = match_claims(self.article, reading.statements)
        self.gone = [claim for claim in removed if claim.start is not None]
        self.printed = self._printed_outlets()
        self.keys = self._keys_by_citation()
        self.groups = [self._group(number, group) for number, group in enumerate(reading.groups, 1)]
        self.statements = self._statement_rows()
        for row in self.statements:
            for number in row.groups:
                self.groups[number - 1].statements.append(row.number)

    # What the page shows

    @property
    def digest(self) -> str:
        """Return a digest of the reading: choices made for another reading do not fit."""
        text = repr((self.reading.groups, self.reading.statements)).encode("utf-8", "replace")
        return hashlib.sha256(text).hexdigest()[:16]

    @property
    def is_valid(self) -> bool:
        rows: Iterable[Any] = chain(self._citations(), self.printed.values(), self.statements)
        return not any(row.errors for row in rows)

    @property
    def new(self) -> list[Printed]:
        return [printed for printed in self.printed.values() if not printed.known]

    @property
    def known_outlets(self) -> list[Printed]:
        return [printed for printed in self.printed.values() if printed.known]

    @property
    def is_misnamed(self) -> bool:
        return any(printed.errors for printed in self.known_outlets)

    @property
    def citation_count(self) -> int:
        return sum(len(box.rows) for box in self.groups)

    @property
    def doubt_count(self) -> int:
        of_citations = sum(len(row.doubts) for row in self._citations())
        return of_citations + sum(len(box.doubts) for box in self.groups)

    @property
    def first_doubt(self) -> str:
        """Return the anchor of the first group with a doubt."""
        for box in self.groups:
            if box.doubts or any(row.doubts for row in box.rows):
                return f"g{box.number}"
        return ""

    @property
    def other_day(self) -> str:
        """Return the date of publication that the text names, if another one was given."""
        in_text, given = self.reading.published_in_text, self.reading.published
        return "" if not given or in_text.startswith(given) else in_text

    @property
    def first_error(self) -> str:
        """Return the anchor of the first row with an error."""
        for printed in self.printed.values():
            if printed.errors:
                return f"{Choice.TYPED_OUTLET}{printed.key}"
        anchors = [
            (row.statement.start, f"{Choice.STATEMENT}{row.key}")
            for row in self.statements
            if row.errors
        ]
        anchors += [
            (row.report.start, f"{Choice.CITATION}{row.key}")
            for row in self._citations()
            if row.errors
        ]
        return min(anchors)[1] if anchors else ""

    @property
    def field_count(self) -> int:
        return 2 * len(self.statements) + 3 * self.citation_count + 2 * len(self.printed)

    def paragraphs(self) -> tuple[list[Paragraph], str]:
        """Return the paragraphs of the body, and the text after it."""
        return paragraphs_of(self.reading, self.groups, self.statements)

    # What is imported

    @property
    def adds_nothing(self) -> bool:
        return not any(row.ticked or row.claim for row in self.statements)

    def edited(self) -> ParsedArticle:
        """Return the article with the words, dates and outlets that the editor wrote."""
        groups = tuple(
            box.group._replace(citations=tuple(row.edited() for row in box.rows))
            for box in self.groups
        )
        statements = tuple(
            row.statement._replace(plain=" ".join(row.text.split())) for row in self.statements
        )
        return replace(self.reading, groups=groups, statements=statements)

    def mapped(self) -> dict[str, Outlet]:
        """Return the outlets that the editor chose for printed names."""
        chosen = ((printed.name, self._chosen_outlet(printed)) for printed in self.printed.values())
        return {name: outlet for name, outlet in chosen if outlet}

    def left_out(self) -> set[str]:
        """Return the keys of the statements and citations that are not ticked."""
        unticked = (row.keys.values() for row in self._citations() if not row.ticked)
        return set(chain.from_iterable(unticked)) - self._keys_again() | {
            row.seen_as for row in self.statements if not row.ticked and not row.claim
        }

    def wanted(self) -> set[str]:
        """Return the keys of what was imported or left out before and is ticked now."""
        again = (row.keys.values() for row in self._citations() if row.ticked and row.was_read)
        statements = {row.seen_as for row in self.statements if row.ticked and row.was_read}
        return set(chain.from_iterable(again)) | self._keys_again() | statements

    def _keys_again(self) -> set[str]:
        """Return the keys of the citations of earlier statements that are ticked again.

        Their own boxes are not ticked if they were read before: those are about existing claims.
        """
        return {
            key
            for row in self._citations()
            for index, key in row.keys.items()
            if row.was_read and self.statements[index].ticked and self.statements[index].was_read
        }

    def _chosen_outlet(self, printed: Printed) -> Outlet | None:
        """Return the outlet that the editor chose for a printed name; None: the one as read."""
        if name_key(printed.typed) not in {"", name_key(printed.label)}:
            return self.names.find(printed.typed) or new_outlet(printed.typed)
        return next((outlet for outlet in printed.near if outlet.slug == printed.chosen), None)

    # Reading the article and the form

    def _citations(self) -> Iterable[CitationRow]:
        return (row for box in self.groups for row in box.rows)

    def _printed_outlets(self) -> dict[str, Printed]:
        self.names.prefetch(self.reading.outlets)
        outlets: dict[str, Printed] = {}
        for name in self.reading.outlets:
            if (meaning := printed_name_key(name)) not in outlets:
                key = hashlib.sha256(meaning.encode("utf-8", "replace")).hexdigest()[:10]
                known = self.names.find(name)
                near = [] if known else self.names.similar(name)
                chosen = self.choices.text(Choice.KNOWN_OUTLET, key, NEW_OUTLET)
                typed, errors = self.choices.name(Choice.TYPED_OUTLET, key)
                outlets[meaning] = Printed(name, key, known, near, chosen, typed, errors=errors)
        for group in self.reading.groups:
            for citation in group.citations:
                if citation.outlet:
                    outlets[printed_name_key(citation.outlet)].count += 1
        return outlets

    def _keys_by_citation(self) -> dict[str, dict[int, str]]:
        """Return the keys of each citation, by the indexes of the statements that it is for."""
        keys: dict[str, dict[int, str]] = defaultdict(dict)
        rows = zip(self.reading.statements, self.sentences, strict=True)
        for number, (statement, sentence) in enumerate(rows):
            for group_index in statement.groups:
                group = self.reading.groups[group_index]
                for index, key in enumerate(citation_keys(sentence, group.citations)):
                    keys[_citation_key(group, index)][number] = key
        return keys

    def _group(self, number: int, group: CitationGroup) -> GroupBox:
        rows = [self._row(group, index, record) for index, record in enumerate(group.citations)]
        box = GroupBox(number, group, rows, [])
        for doubt in warnings_for(self.reading, group):
            if doubt.citation is None:
                box.doubts.append(doubt)
            else:
                rows[doubt.citation].doubts.append(doubt.message)
        return box

    def _row(self, group: CitationGroup, index: int, record: CitationRecord) -> CitationRow:
        key = _citation_key(group, index)
        date, date_errors = self._date(key, record.date or "")
        typed, name_errors = self.choices.name(Choice.CITATION_OUTLET, key)
        keys = self.keys[key]
        was_read = bool(keys) and self.imported_keys.issuperset(keys.values())
        ticked = self.choices.is_ticked(Choice.CITATION, key, default=not was_read)
        return CitationRow(
            key,
            record,
            self.printed[printed_name_key(record.outlet)] if record.outlet else None,
            ticked,
            date,
            "" if date_errors else date_in_words(date),
            typed,
            was_read,
            keys,
            errors=[*date_errors, *name_errors] if ticked else [],
        )

    def _date(self, key: str, printed: str) -> tuple[str, list[str]]:
        """Return the editor's date of a citation, or the one as printed, and its errors."""
        typed = self.choices.text(Choice.CITATION_DATE, key, printed).strip()
        if errors := errors_of(read_date, typed):
            return typed, errors
        date = read_date(typed)
        # The date shown before was not the editor's: it may be read differently now.
        return (printed if date == self.dates_before.get(key, printed) else date), []

    def _statement_rows(self) -> list[StatementRow]:
        rows = []
        for number, (statement, sentence, claim) in enumerate(
            zip(self.reading.statements, self.sentences, self.claims, strict=True), 1
        ):
            key = statement_key(sentence)
            was_read = claim is None and key in self.imported_keys
            row = StatementRow(
                number,
                statement,
                key,
                False,
                self.choices.text(Choice.STATEMENT_TEXT, statement.start, statement.plain),
                claim,
                was_read,
                [index + 1 for index in statement.groups],
            )
            is_ticked_first = bool(row.groups) and not was_read
            row.ticked = claim is None and self.choices.is_ticked(
                Choice.STATEMENT, row.key, default=is_ticked_first
            )
            if row.ticked and not row.text.strip():
                row.errors.append(_("Write the statement, or untick it."))
            rows.append(row)
        return rows


def _citation_key(group: CitationGroup, index: int) -> str:
    return f"{group.start}-{index}"
