"""Decides what the records of one address change. Pure functions: no Django, no database.

A file's records are planned address by address, with all that the file says of the address and all
that is saved of it. `plan` states the rules. Saved findings and planned ones have one form here, so
that a plan can be made on top of another plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple


class Record(NamedTuple):
    """The part of a file's record that decides what the record changes."""

    # Its position in the file.
    number: int
    # The reference that a claim with these words at this address has, if it is not the first one.
    claim_ref: str
    # A key of the claim's words, the rating's label and the reason.
    content: str
    # An ISO date; empty if it is not known.
    reviewed_on: str


class Finding(NamedTuple):
    """A finding of a claim that came from the address, saved or planned."""

    # Of the words that it is about.
    claim_ref: str
    content: str
    reviewed_on: str
    # The date is that of an import, because nobody knows the real one.
    is_date_guessed: bool = False


@dataclass(frozen=True, slots=True)
class AddClaim:
    """The record brings a claim, with its first finding."""

    record: Record
    import_ref: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class AddFinding:
    """The record adds a finding to the claim that is known by `import_ref`."""

    record: Record
    import_ref: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The record says what is saved, or what another record of the plan says."""

    record: Record


Action = AddClaim | AddFinding | Unchanged
# The findings of each saved claim, in the order of the log, by the claim's import reference.
Known = Mapping[str, Sequence[Finding]]


def plan(url_ref: str, records: Sequence[Record], known: Known, *, today: str) -> list[Action]:
    """Return one action for each of an address's records, in their order.

    Which claim a record is about:
    - The first claim of an address is known by the address (`url_ref`), every further one by the
      address and its words (`Record.claim_ref`). A record whose words have a claim is about it.
    - The first claim is also known by the words of its findings.
    - If no record has words of the first claim, the first record whose words are new is about it:
      it brings the claim, or it says in other words what the address has said before.
    - All other new words at the address are claims of their own.

    What the records of one claim change:
    - A record that says what a finding says changes nothing, wherever it stands in the file.
    - Any other record adds a finding. Nothing is overwritten.
    - The current finding is the newest by its date, and of one date the last in the log. If a file
      says again only what was said before it, that can be added again: see `_find_returning`.
    - What has no date is never older than what was there: see `_Log.add`.

    Planning the same records again, on top of this plan, adds nothing.
    """
    of_claims: dict[str, list[Record]] = defaultdict(list)
    for import_ref, record in _assign(url_ref, records, known):
        of_claims[import_ref].append(record)
    actions = {
        action.record.number: action
        for import_ref, versions in of_claims.items()
        for action in _plan_claim(import_ref, versions, known.get(import_ref), today)
    }
    return [actions[record.number] for record in records]


def _assign(url_ref: str, records: Sequence[Record], known: Known) -> Iterator[tuple[str, Record]]:
    """Yield each record with the import reference of the claim that it is about."""
    first_words = {finding.claim_ref for finding in known.get(url_ref, ())}
    if first_words.isdisjoint(record.claim_ref for record in records):
        new_words = (record.claim_ref for record in records if record.claim_ref not in known)
        first_words.update(islice(new_words, 1))
    for record in records:
        is_first = record.claim_ref in first_words and record.claim_ref not in known
        yield url_ref if is_first else record.claim_ref, record


def _plan_claim(
    import_ref: str, records: Sequence[Record], findings: Sequence[Finding] | None, today: str
) -> Iterator[Action]:
    """Yield one action for each record of one claim; `findings` is None for a new claim."""
    returning = _find_returning(records, findings or (), today)
    log = _Log(findings or ())
    is_new = findings is None
    for record in records:
        if log.has(record) and record is not returning:
            yield Unchanged(record)
        elif is_new:
            yield AddClaim(record, import_ref, log.add(record, today))
            is_new = False
        else:
            yield AddFinding(record, import_ref, log.add(record, today))


def _find_returning(
    records: Sequence[Record], findings: Sequence[Finding], today: str
) -> Record | None:
    """Return the record by which a publisher says again what an earlier finding says, if any.

    If a file has neither the current finding nor a newer one, what it says last is what the
    publisher says now. But a record does not return if it is dated before the current finding, or
    is about other words: an older file brings nothing back, and two feeds that tell of one claim
    each at the same address do not take turns.
    """
    log = _Log(findings)
    for record in records:
        if not log.has(record):
            log.add(record, today)
    current = log.current
    if any(_is_same(record, current) for record in records):
        return None
    return next(
        (
            record
            for record in reversed(records)
            if record.claim_ref == current.claim_ref
            and not "" < record.reviewed_on < current.reviewed_on
        ),
        None,
    )


class _Log:
    """One claim's findings from one address, saved and planned."""

    current: Finding

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.by_content: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            self._append(finding)

    def has(self, record: Record) -> bool:
        """Return whether a finding says what a record does."""
        same = self.by_content.get(record.content, ())
        return any(_is_same(record, finding) for finding in same)

    def add(self, record: Record, today: str) -> Finding:
        """Append what a record says.

        If its date is not known, it gets that of the import, and is never older than the current
        finding. A known date is raised in the same way if that of the current finding was guessed:
        nobody can tell which of the two came first, and this one is told later.
        """
        date, is_guessed = record.reviewed_on or today, not record.reviewed_on
        current = self.current if self.by_content else None
        if current and (is_guessed or current.is_date_guessed) and date <= current.reviewed_on:
            is_guessed = current.is_date_guessed or (is_guessed and date == current.reviewed_on)
            date = current.reviewed_on
        finding = Finding(record.claim_ref, record.content, date, is_guessed)
        self._append(finding)
        return finding

    def _append(self, finding: Finding) -> None:
        if not self.by_content or finding.reviewed_on >= self.current.reviewed_on:
            self.current = finding
        self.by_content[finding.content].append(finding)


def _is_same(record: Record, finding: Finding) -> bool:
    """Return whether a record says what a finding does, as far as both dates are known."""
    if record.content != finding.content:
        return False
    if not record.reviewed_on or record.reviewed_on == finding.reviewed_on:
        return True
    return finding.is_date_guessed and record.reviewed_on < finding.reviewed_on


def guessed_dates(dates: Iterable[tuple[str, str]]) -> Iterator[bool]:
    """Yield for each saved finding of a claim, given its date and that of its import, whether the
    first was guessed: it is the second, or a date that was guessed for an earlier finding.
    """
    guessed: set[str] = set()
    for date, imported_on in dates:
        if date == imported_on:
            guessed.add(date)
        yield date in guessed
