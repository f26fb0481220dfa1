"""Writes the rows of one transaction, and recalculates derived data once for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import ManyToManyField, Model
from django.utils import timezone

from factcheck import data_version, search, triggers
from factcheck.bulk_history import record_versions
from factcheck.db import bulk_sql
from factcheck.db.sequences import reserve_ids, skip_ids
from factcheck.imports.bulk.changed_claims import REASON, ChangedClaims
from factcheck.imports.bulk.table import Row, Table, table_for
from factcheck.models import Citation, Claim, Outlet, OutletAlias, Verification
from factcheck.models.base import NaturalKeyModel
from factcheck.triggers.declarations import COUNTS


class Chunk:
    """Inserts and updates rows while the triggers are suspended; `Loader.chunk` makes one."""

    def __init__(self, changed_claims: ChangedClaims, *, is_exclusive: bool) -> None:
        self.changed_claims = changed_claims
        self.is_exclusive = is_exclusive
        self.new_ids: dict[type[Model], list[int]] = defaultdict(list)
        self.updated_ids: dict[type[Model], list[int]] = defaultdict(list)
        # Claims to recalculate: those with new citations, and those with new findings.
        self.newly_cited: set[int] = set()
        self.newly_checked: set[int] = set()
        # Whether other rows than claims, citations and findings are new.
        self.has_other_changes = False

    def insert(self, instances: Sequence[NaturalKeyModel]) -> None:
        """Insert new instances of one model, as `bulk_create` does, and set their ids.

        Derived columns of claims are written with the values of the instances, so that counts which
        are right need no second write. Many-to-many relations are not written.
        """
        if not instances:
            return
        table = table_for(type(instances[0]))
        rows = table.rows_of(instances)
        self.insert_rows(table, rows)
        for instance, row in zip(instances, rows, strict=True):
            instance.pk = row[0]
        if table.model is Outlet:
            self.sync_own_aliases([row[0] for row in rows])

    def insert_rows(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, and give ids to those that have none."""
        if not rows:
            return
        if given_ids := [row[0] for row in rows if row[0] is not None]:
            skip_ids(table.model, max(given_ids))
        without_id = [row for row in rows if row[0] is None]
        ids = reserve_ids(table.model, len(without_id)) if without_id else ()
        for row, pk in zip(without_id, ids, strict=True):
            row[0] = pk
        if table.model is OutletAlias:
            # Its outlet may be cited already: the triggers queue those claims for the search index.
            with self.triggers_enabled():
                table.insert(rows)
        else:
            table.insert(rows)
        self.new_ids[table.model] += [row[0] for row in rows]
        if table.model in {Citation, Verification}:
            claims = {row[table.positions["claim"]] for row in rows}
            (self.newly_cited if table.model is Citation else self.newly_checked).update(claims)
        elif table.model is not Claim:
            self.has_other_changes = True

    def update_rows(self, table: Table, rows: Sequence[Row], stored: Collection[Row]) -> None:
        """Update the stored rows of the same ids, with the triggers enabled."""
        with self.triggers_enabled():
            table.update(rows)
        self.changed_claims.add_updated(table, rows, stored)
        self.updated_ids[table.model] += [row[0] for row in rows]

    def insert_related(self, link: ManyToManyField, ids: Mapping[int, Sequence[int]]) -> None:
        """Insert the many-to-many relations of new rows: related ids by the row's id."""
        through: Any = link.remote_field.through
        columns = [link.m2m_column_name(), link.m2m_reverse_name()]
        pairs = ((pk, related) for pk, related_ids in ids.items() for related in related_ids)
        bulk_sql.insert(through._meta.db_table, columns, pairs)

    def sync_own_aliases(self, outlet_ids: Sequence[int]) -> None:
        """Create or update the aliases for outlets' own names."""
        with self.triggers_enabled():
            Outlet.objects.filter(pk__in=outlet_ids).sync_own_aliases()

    @contextmanager
    def triggers_enabled(self) -> Iterator[None]:
        """Enable the triggers within the block; after an error the transaction is rolled back."""
        triggers.resume(exclusive=self.is_exclusive)
        yield
        triggers.suspend(exclusive=self.is_exclusive)

    def recalculate(self) -> None:
        """Do once for the chunk what the triggers would do for each row."""
        new_claims = set(self.new_ids.get(Claim, ()))
        if ids := sorted(self.newly_cited | self.newly_checked):
            columns = [*COUNTS] if self.newly_cited else []
            if self.newly_checked:
                columns.append("status")
            triggers.recompute(ids, columns)
        self._update_search_documents(new_claims)
        changed = new_claims | self.newly_cited | self.newly_checked
        self.changed_claims.claim_ids.update(changed)
        self._write_history("+", self.new_ids)
        self._write_history("~", self.updated_ids)
        data_version.record_changes(changed, other_rows=self.has_other_changes)

    def _update_search_documents(self, new_claims: set[int]) -> None:
        """Update the search documents of claims with new citations, and of new claims.

        In an exclusive load, claims without citations are only queued, because citations follow.
        """
        queued = new_claims - self.newly_cited if self.is_exclusive else set()
        if ids := (self.newly_cited | new_claims) - queued:
            search.store(search.documents(ids))
            if self.is_exclusive:
                bulk_sql.delete("factcheck_search_pending", "claim_id", ids)
        bulk_sql.insert("factcheck_search_pending", ["claim_id"], ([pk] for pk in sorted(queued)))

    def _write_history(
        self, history_type: str, ids_by_model: Mapping[type[Model], list[int]]
    ) -> None:
        now: Any = timezone.now()
        for model, ids in ids_by_model.items():
            record_versions(model, ids, history_type=history_type, at=now, reason=REASON)
