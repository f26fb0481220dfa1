"""Writes the citations of an article's claims, and matches them with existing citations."""

from datetime import date

from django.core.exceptions import ValidationError

from factcheck.imports.articles.import_state import CHANGE_REASON, MAX_POSITION, ImportState
from factcheck.imports.articles.records import CitationRecord, Statement
from factcheck.imports.articles.sentence_keys import citation_keys
from factcheck.imports.printed_dates import without_year
from factcheck.models import Citation, Claim, Outlet
from factcheck.text.dates import full_date

_CORRECTED_DATE = "imported from the article, with a day that the editor corrected"
# The link is part of an index, which has a limit to the size of its rows.
_MAX_LINK_BYTES = 1_000
# Outlet, date and link: different for each citation of a claim.
Identity = tuple[int, str, str]


class CitationWriter:
    """Adds the citations of statements to their claims, or updates them."""

    def __init__(self, state: ImportState) -> None:
        self.state, self.result = state, state.result
        self.new: list[Citation] = []  # not saved yet

    def cite(
        self, claim: Claim, statement: Statement, sentence: str, existing: list[Citation]
    ) -> None:
        """Add the new citations of a claim, and update the `existing` ones.

        A citation that was imported before is not new, even if an editor changed or deleted it.
        """
        identities = {(row.outlet_id, row.date_text, row.url) for row in existing}
        state = self.state
        for index in statement.groups:
            citations = state.parsed.groups[index].citations
            keys = citation_keys(sentence, citations)
            for record, key in zip(citations, keys, strict=True):
                is_new = claim.pk in state.new_claim_ids or key not in state.imported_keys
                is_updated = self._update(record, existing, is_new=is_new)
                if not is_updated and key not in state.skipped_keys:
                    self._add(claim, record, key, identities)
        for row in existing:  # the article no longer has them
            if row.start is not None:
                self.result.removed_citations.append(row)
                Citation.objects.filter(pk=row.pk).update(start=None, end=None)

    def _update(self, record: CitationRecord, existing: list[Citation], *, is_new: bool) -> bool:
        """Update a citation and remove it from `existing`; return False if it is to be added.

        A citation that was imported before and has been deleted since is not added.
        """
        outlet = self.state.find_outlet(record.outlet)
        row = _find_existing(record, outlet, existing, is_new=is_new)
        if row is None:
            return not is_new
        existing.remove(row)
        if self._correct(row, record, outlet):
            row.start, row.end = record.start, record.end
            self.state.save(row)
            self.result.updated["citations"] += 1
        else:
            self.state.update_offsets(row, {"start": record.start, "end": record.end})
        return True

    def _correct(self, row: Citation, record: CitationRecord, outlet: Outlet | None) -> bool:
        """Apply corrections of the printed citation, unless an editor has changed the record."""
        url, _note = _link_and_note(record)
        date_text, url = record.date or "", url or row.url
        new = {"date_text": date_text, "date_end": _last_day(record), "url": url}
        is_completed = row.date_text.startswith("--") and date_text.endswith(row.date_text[1:])
        if all(getattr(row, name) == value for name, value in new.items()):
            return False
        edits = row.history.exclude(history_change_reason=CHANGE_REASON)
        is_unedited = outlet is not None and row.outlet_id == outlet.pk and not edits.exists()
        duplicates = Citation.objects.filter(
            claim=row.claim_id, outlet=row.outlet_id, date_text=date_text, url=url
        ).exclude(pk=row.pk)
        if (
            not (is_completed or is_unedited)
            or not self.state.may_change(row.claim)
            or duplicates.exists()
        ):
            return False
        for name, value in new.items():
            setattr(row, name, value)
        return True

    def _add(
        self, claim: Claim, record: CitationRecord, key: str, identities: set[Identity]
    ) -> None:
        if record.outlet is None:
            self.result.without_outlet.append(record)
        if record.outlet is None or not self.state.may_change(claim):
            self.state.refused_keys.add(key)
            return
        outlet = self.state.get_outlet(record.outlet)
        date_text, url, note = record.date or "", *_link_and_note(record)
        if (outlet.pk, date_text, url) in identities:
            return  # the group names it twice
        identities.add((outlet.pk, date_text, url))
        citation = Citation(
            claim=claim,
            outlet=outlet,
            as_cited=_as_cited(record),
            date_text=date_text,
            date_end=_last_day(record),
            url=url,
            note=note,
            position=min(len(identities) - 1, MAX_POSITION),
            start=record.start,
            end=record.end,
        )
        if without_year(date_text) not in record.printed:
            citation._change_reason = _CORRECTED_DATE  # type: ignore[attr-defined]
        citation.clean()
        self.new.append(citation)
        self.result.created["citations"] += 1
        if claim.is_public and claim not in self.result.public_claims:
            self.result.public_claims.append(claim)


def _find_existing(
    record: CitationRecord, outlet: Outlet | None, existing: list[Citation], *, is_new: bool
) -> Citation | None:
    """Return the existing record of a citation; None without one.

    A citation that was imported before is also matched by its date without the year, or by its
    printed text.
    """
    url, _note = _link_and_note(record)
    date_text = record.date or ""
    if outlet is not None:
        for row in existing:
            if (row.outlet_id, row.date_text, row.url) == (outlet.pk, date_text, url):
                return row
        for row in existing:
            is_same_day = without_year(row.date_text) == without_year(date_text)
            if not is_new and row.outlet_id == outlet.pk and is_same_day:
                return row
    as_cited = _as_cited(record)
    return next((row for row in existing if not is_new and row.as_cited == as_cited), None)


def _as_cited(record: CitationRecord) -> str:
    return " ".join(record.raw.split())[:500]


def _last_day(record: CitationRecord) -> date | None:
    return full_date(record.date_end or "") if full_date(record.date or "") else None


def _link_and_note(record: CitationRecord) -> tuple[str, str]:
    """Return the link and the note; an invalid link is added to the note."""
    url, note = record.url or "", record.note
    if not is_valid_link(url):
        url, note = "", ", ".join(filter(None, [note, url]))
    return url, note[:500]


def is_valid_link(url: str) -> bool:
    """Return whether the column for links accepts this one."""
    if len(url.encode()) > _MAX_LINK_BYTES:
        return False
    try:
        Citation._meta.get_field("url").clean(url, None)
    except ValidationError:
        return False
    return True
