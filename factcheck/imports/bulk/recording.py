"""What a load has changed of public claims, for the public record."""

from collections.abc import Iterable, Sequence
from typing import Any

from pyroaring import BitMap

from factcheck import public_record, sql
from factcheck.imports.bulk.references import REASON
from factcheck.imports.bulk.table import Row, Table
from factcheck.models import Citation


class Recording:
    """Collects claims while a load goes on, and records them at its end.

    Not sooner: a file's own records come with their numbers, which no other record may take.
    """

    def __init__(self) -> None:
        self.claims = BitMap()
        self.outlets: set[int] = set()

    def note_changed(self, table: Table, rows: Sequence[Row], stored: Iterable[Row]) -> None:
        """Note the claims that say something else once `rows` are written over `stored` ones."""
        ids = [row[0] for row in rows]
        if table.name == "factcheck.claim":
            self.claims.update(ids)
        elif table.name == "factcheck.citation":
            of = table.place["claim"]
            old = {row[0]: row[of] for row in stored}
            self.claims.update(row[of] for row in rows)
            self.claims.update(old[pk] for pk in ids)
        elif table.name == "factcheck.outlet":
            self.outlets.update(ids)

    def finish(self) -> None:
        """Append a record for each public claim that a load has changed, or brought without one."""
        for column in ("outlet", "reprint_of") if self.outlets else ():
            moved: Any = {f"{column}__in": sql.within(self.outlets)}
            citing = Citation.objects.filter(**moved).order_by()
            self.claims.update(citing.values_list("claim", flat=True))
        public_record.record_changes(self.claims, reason=REASON)
        # What an interrupted load has left without one.
        public_record.begin_missing()
        public_record.seal()
        self.claims.clear()
        self.outlets.clear()
