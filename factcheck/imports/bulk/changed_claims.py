"""The claims that a load has changed, for the public record."""

from collections.abc import Iterable, Sequence
from typing import Any

from pyroaring import BitMap

from factcheck import public_record
from factcheck.db import bulk_sql
from factcheck.imports.bulk.table import Row, Table
from factcheck.models import Citation, Claim, Outlet

# Of what a load writes, in the history and in the public record.
REASON = "imported from a fixture"


class ChangedClaims:
    """Collects changed claims during a load, and records them at its end.

    Not sooner: a file's own records come with their numbers, which no other record may take.
    """

    def __init__(self) -> None:
        self.claim_ids = BitMap()
        # Outlets whose citing claims have changed with them.
        self.outlet_ids: set[int] = set()

    def add_updated(self, table: Table, rows: Sequence[Row], stored: Iterable[Row]) -> None:
        """Add the claims whose content changes when `rows` are written over `stored` ones."""
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
        """Append a record for each public claim that has changed, or that has none."""
        for link in ("outlet", "reprint_of") if self.outlet_ids else ():
            lookup: Any = {f"{link}__in": bulk_sql.in_values(self.outlet_ids)}
            citing = Citation.objects.filter(**lookup).order_by()
            self.claim_ids.update(citing.values_list("claim", flat=True))
        public_record.record_changes(self.claim_ids, reason=REASON)
        # Claims that an interrupted load has left without one.
        public_record.begin_missing()
        public_record.seal()
        self.claim_ids.clear()
        self.outlet_ids.clear()
