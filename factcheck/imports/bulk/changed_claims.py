"""Collects the claims that a load changes, and adds them to the public record."""

from collections.abc import Iterable, Sequence
from typing import Any

from pyroaring import BitMap

from factcheck import public_record
from factcheck.db import bulk_sql
from factcheck.imports.bulk.table import Row, Table
from factcheck.models import Citation, Claim, Outlet

# The reason in the history and in the public record.
REASON = "imported from a fixture"


class ChangedClaims:
    """Collects changed claims during a load, and records them at its end.

    Records cannot be added sooner, because they would take the numbers of records in the file.
    """

    def __init__(self) -> None:
        self.claim_ids = BitMap()
        # Changed outlets, which change the claims that cite them.
        self.outlet_ids: set[int] = set()

    def add_updated(self, table: Table, rows: Sequence[Row], stored: Iterable[Row]) -> None:
        """Add the claims whose content changes when `rows` replace the `stored` ones."""
        ids = [row[0] for row in rows]
        if table.model is Claim:
            self.claim_ids.update(ids)
        elif table.model is Citation:
            claim = table.positions["claim"]
            stored_claims = {row[0]: row[claim] for row in stored}
            self.claim_ids.update(row[claim] for row in rows)
            self.claim_ids.update(stored_claims[pk] for pk in ids)
        elif table.model is Outlet:
            self.outlet_ids.update(ids)

    def record(self) -> None:
        """Append a record for each public claim that has changed, or that has no record yet."""
        for link in ("outlet", "reprint_of") if self.outlet_ids else ():
            lookup: Any = {f"{link}__in": bulk_sql.in_values(self.outlet_ids)}
            citing = Citation.objects.filter(**lookup).order_by()
            self.claim_ids.update(citing.values_list("claim", flat=True))
        public_record.record_changes(self.claim_ids, reason=REASON)
        # An interrupted load leaves claims without a record.
        public_record.begin_missing()
        public_record.seal()
        self.claim_ids.clear()
        self.outlet_ids.clear()
