"""Plans what the records of one address add. Pure functions: no Django, no database.

A file's records are planned address by address, from all records of the address in the file and all
saved findings from it. `plan` states the rules. Saved and planned findings have the same type, so
that a plan can be made on top of another plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple


class Record(NamedTuple):
    """The part of a file's record that decides what the record adds."""

    # Its position in the file.
    number: int
    # The import reference of a claim with these words, unless it is the first of its address.
    claim_ref: str
    # A key of the claim's words, the rating's label and the reason.
    content: str
    # An ISO date; empty if it is not known.
    reviewed_on: str


class Finding(NamedTuple):
    """A finding of a claim that came from the address, saved or planned."""

    # The reference of its words, as in `Record`.
    claim_ref: str
    content: str
    reviewed_on: str
    # The date is that of an import, because nobody knows the real one.
    is_date_guessed: bool = False


@dataclass(frozen=True, slots=True)
class AddClaim:
    """The record adds a claim, with its first finding."""

    record: Record
    import_ref: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class AddFinding:
    """The record adds a finding to the claim with the reference `import_ref`."""

    record: Record
    import_ref: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The record repeats a saved finding, or another record of the plan."""

    record: Record


Action = AddClaim | AddFinding | Unchanged
# The findings of each saved claim, in the order of the log, by the claim's import reference.
KnownFindings = Mapping[str, Sequence[Finding]]


def plan(
    url_ref: str, records: Sequence[Record], known_findings: KnownFindings, *, today: str
) -> list[Action]:
    """Return one action for each of an address's records, in their order.

    Which claim a record is about:
    - The first claim of an address has the address as its reference (`url_ref`), further ones the
      address and their words (`Record.claim_ref`). A record whose words have a claim is about it.
    - A record with the words of one of the first claim's findings is about that claim.
    - If no record has words of the first claim, the first record whose words are new is about it:
      it adds the claim, or a finding in other words than before.
    - Each other new wording at the address is a claim of its own.

    What the records of one claim add:
    - A record that repeats a finding adds nothing, wherever it stands in the file.
    - Any other record adds a finding. Nothing is overwritten.
    - The current finding is the newest by its date, and of one date the last in the log. If a file
      only repeats findings before it, one of them can be added again: see `_find_returning`.
    - A record without a date is never older than the current finding: see `_Log.add`.

    The plan is idempotent: planning the same records on top of it adds nothing.
    """
    records_by_claim: dict[str, list[Record]] = defaultdict(list)
    for import_ref, record in _assign(url_ref, records, known_findings):
        records_by_claim[import_ref].append(record)
    actions = {
        action.record.number: action
        for import_ref, versions in records_by_claim.items()
        for action in _plan_claim(import_ref, versions, known_findings.get(import_ref), today)
    }
    return [actions[record.number] for record in records]


def _assign(
    url_ref: str, records: Sequence[Record], known_findings: KnownFindings
) -> Iterator[tuple[str, Record]]:
    """Yield each record with the import reference of the claim that it is about."""
    first_words = {finding.claim_ref for finding in known_findings.get(url_ref, ())}
    if first_words.isdisjoint(record.claim_ref for record in records):
        new_words = (
            record.claim_ref for record in records if record.claim_ref not in known_findings
        )
        first_words.update(islice(new_words, 1))
    for record in records:
        is_first = record.claim_ref in first_words and record.claim_ref not in known_findings
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
    """Return the record by which a publisher returns to an earlier finding; None without one.

    If a file has neither the current finding nor a newer one, its last record is what the publisher
    says now. But a record is not added again if it is dated before the current finding, or is about
    other words. So an older file adds nothing again, and two feeds with different claims at the
    same address do not alternate.
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
    """The findings of one claim from one address, saved and planned."""

    current: Finding

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.by_content: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            self._append(finding)

    def has(self, record: Record) -> bool:
        """Return whether a record repeats one of the findings."""
        findings = self.by_content.get(record.content, ())
        return any(_is_same(record, finding) for finding in findings)

    def add(self, record: Record, today: str) -> Finding:
        """Append a record's finding, and return it.

        A missing date is guessed: it is that of the import, or of the current finding if that is
        later. A known date is also raised to that of the current finding if the latter was guessed:
        nobody can tell which of the two came first, so the one that was read later counts as newer.
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
    """Return whether a record repeats a finding, as far as both dates are known."""
    if record.content != finding.content:
        return False
    if not record.reviewed_on or record.reviewed_on == finding.reviewed_on:
        return True
    return finding.is_date_guessed and record.reviewed_on < finding.reviewed_on


def guessed_dates(dates: Iterable[tuple[str, str]]) -> Iterator[bool]:
    """Yield for each finding of a claim, in order, whether its date was guessed.

    `dates` are the date of each finding and that of its import. A date was guessed if it is the
    date of the import, or one that was guessed for an earlier finding.
    """
    guessed: set[str] = set()
    for date, imported_on in dates:
        if date == imported_on:
            guessed.add(date)
        yield date in guessed
