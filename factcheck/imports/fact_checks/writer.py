"""Writes other publishers' fact-checks: claims, their claimants and citations, and findings.

`plan` decides what each record adds; the bulk loader writes the rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import reset_queries, transaction
from django.db.models import Model
from django.utils import timezone

from factcheck.db import bulk_sql
from factcheck.db.claim_lock import lock_claims
from factcheck.failures import failure_of
from factcheck.imports import batches
from factcheck.imports.bulk.loader import Loader
from factcheck.imports.bulk.rejections import REJECTION_ERRORS, rejection_reason
from factcheck.imports.errors import RecordError
from factcheck.imports.fact_checks.known_findings import (
    KnownClaim,
    fetch_known_claims,
    findings_by_ref,
)
from factcheck.imports.fact_checks.plan import Action, AddClaim, AddFinding, Record, Unchanged, plan
from factcheck.imports.fact_checks.resolve import ClaimantIds, OutletIds
from factcheck.imports.fact_checks.rows import Addition, RowMaker
from factcheck.imports.fact_checks.spool import AddressRecords, RecordSpool
from factcheck.models import Claim, ImportBatch, RatingLabel, Stage, Verification
from factcheck.models.fields import moment

# Different texts that a report counts; more are counted together.
_MAX_TEXTS = 10_000


@dataclass
class ImportReport:
    """The result of an import: counts, problems, and the batch that was written."""

    created: int = 0
    unchanged: int = 0
    superseded: int = 0
    rejected: int = 0
    # Ratings that are not in the table of ratings; dates and addresses that cannot be read.
    unknown_labels: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    # None after a dry run, and for a file without records.
    batch: ImportBatch | None = None

    @property
    def total(self) -> int:
        return self.created + self.unchanged + self.superseded + self.rejected

    def counts_with(self, actions: Iterable[Action]) -> dict[str, int]:
        """Return the counts of a batch after some more actions."""
        kinds = Counter(map(type, actions))
        return {
            "created": self.created + kinds[AddClaim],
            "changed": self.superseded + kinds[AddFinding],
            "unchanged": self.unchanged + kinds[Unchanged],
        }

    def count(self, actions: Iterable[Action]) -> None:
        counts = self.counts_with(actions)
        self.created, self.superseded = counts["created"], counts["changed"]
        self.unchanged = counts["unchanged"]


class FactCheckWriter:
    """Writes the records of one file."""

    def __init__(
        self,
        spool: RecordSpool,
        report: ImportReport,
        *,
        stage: str = Stage.DRAFT,
        is_exclusive: bool,
    ) -> None:
        self.spool, self.report, self.stage = spool, report, stage
        self.loader = Loader(is_exclusive=is_exclusive)
        self.statuses = dict(RatingLabel.objects.values_list("key", "status"))
        self.outlets, self.claimants = OutletIds(), ClaimantIds()
        self.rejected: set[int] = set()

    def write(
        self, addresses: Sequence[AddressRecords], size: int
    ) -> Iterator[tuple[int, RecordError]]:
        """Write the records of some addresses, `size` records in a transaction.

        Yield the number of each record that the database rejects, and the error.
        """
        numbers = [record.number for address in addresses for record in address.records]
        for start in range(0, len(numbers), size):
            yield from self._write_or_split(addresses, numbers[start : start + size])

    def finish(self) -> None:
        """Finish the bulk load."""
        self.loader.finish()

    def _write_or_split(
        self, addresses: Sequence[AddressRecords], numbers: Sequence[int]
    ) -> Iterator[tuple[int, RecordError]]:
        """Write some records; if the database rejects them, write each half of them separately."""
        try:
            self._write(addresses, set(numbers))
        except RecordError as error:
            if len(numbers) == 1:
                self.rejected.update(numbers)
                yield numbers[0], error
                return
            middle = len(numbers) // 2
            for half in (numbers[:middle], numbers[middle:]):
                yield from self._write_or_split(addresses, half)

    def _write(self, addresses: Sequence[AddressRecords], numbers: set[int]) -> None:
        try:
            with transaction.atomic():
                actions, unknown_labels = self._write_rows(addresses, numbers)
        except Exception as error:
            # Their ids may be of rows that have been rolled back.
            self.outlets.clear_cache()
            self.claimants.clear_cache()
            if isinstance(error, (*REJECTION_ERRORS, ValidationError)) and not failure_of(error):
                code, reason = rejection_reason(error)
                raise RecordError(code, reason=reason) from error
            raise
        finally:
            # With DEBUG on, Django keeps every statement with all its values.
            reset_queries()
        self.report.count(actions)
        count_texts(self.report.unknown_labels, unknown_labels)

    def _write_rows(
        self, addresses: Sequence[AddressRecords], numbers: set[int]
    ) -> tuple[list[Action], list[str]]:
        """Plan and write; return the actions, and the rating labels that have no status.

        The lock is exclusive because numbers of log entries are assigned before claims are locked.
        """
        lock_claims(exclusive=True)
        affected = [address for address in addresses if _has_any(address, numbers)]
        known_claims = fetch_known_claims(affected)
        actions = self._plan(affected, known_claims, numbers)
        additions = [action for action in actions if not isinstance(action, Unchanged)]
        reviews = self.spool.reviews([action.record.number for action in additions])
        pairs = [(action, reviews[action.record.number]) for action in additions]
        maker = RowMaker(self.stage, moment(), self.outlets, self.claimants, self.statuses)
        changed = {
            known_claims[action.import_ref].pk
            for action in additions
            if action.import_ref in known_claims
        }
        new_ids = self._insert(maker, pairs, known_claims) if pairs else {}
        if changed:
            Claim.objects.filter(pk__in=bulk_sql.in_values(changed)).touch()
        if self.report.batch:
            counts = self.report.counts_with(actions)
            batches.record_chunk(self.report.batch, new_ids, changed, **counts)
        return actions, maker.unknown_labels

    def _plan(
        self,
        addresses: Sequence[AddressRecords],
        known_claims: dict[str, KnownClaim],
        numbers: set[int],
    ) -> list[Action]:
        today, findings = timezone.localdate().isoformat(), findings_by_ref(known_claims)
        return [
            action
            for address in addresses
            for action in plan(address.url_ref, self._accepted(address), findings, today=today)
            if action.record.number in numbers
        ]

    def _accepted(self, address: AddressRecords) -> Sequence[Record]:
        """Return an address's records without those that the database rejected."""
        if self.rejected.isdisjoint(record.number for record in address.records):
            return address.records
        return [record for record in address.records if record.number not in self.rejected]

    def _insert(
        self, maker: RowMaker, additions: Sequence[Addition], known_claims: dict[str, KnownClaim]
    ) -> Mapping[type[Model], Sequence[int]]:
        """Insert the rows of additions; return the ids of new rows by model."""
        with_claims = [review for action, review in additions if isinstance(action, AddClaim)]
        cited = [appearance.url for review in with_claims for appearance in review.appearances]
        with self.loader.chunk() as chunk:
            self.outlets.resolve([review for _action, review in additions], cited, chunk)
            self.claimants.resolve(with_claims, chunk)
            claims = maker.make_claims(additions)
            chunk.insert(list(claims.values()))
            chunk.insert(maker.make_citations(claims, additions))
            first_number = Verification.objects.all().next_number()
            chunk.insert(maker.make_findings(claims, known_claims, additions, first_number))
        return chunk.new_ids


def count_texts(counter: Counter[str], texts: Iterable[str]) -> None:
    """Count texts; beyond a number of different ones, count them together."""
    for text in texts:
        has_room = text in counter or len(counter) < _MAX_TEXTS
        counter[text if has_room else "…"] += 1


def _has_any(address: AddressRecords, numbers: set[int]) -> bool:
    return not numbers.isdisjoint(record.number for record in address.records)
