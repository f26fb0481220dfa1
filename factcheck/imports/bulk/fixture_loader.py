"""Loads fixtures with the same result as `loaddata`, many rows at a time.

A row is identified by its `pk`, or else by its model's natural key, and upserted: an existing row
gets all columns of the file while the triggers are enabled. Columns that the file does not name get
their defaults, except for generated defaults, which stay as they are. An equal row is not written.
Models without a table of the loader go through Django's own deserializer.

An interrupted load resumes after its last chunk.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from factcheck.failures import failure_of
from factcheck.imports.bulk.chunk import Chunk
from factcheck.imports.bulk.fixture_reader import (
    FixtureObject,
    digest_of,
    object_error,
    read_fixture,
)
from factcheck.imports.bulk.load_counts import LoadCounts
from factcheck.imports.bulk.loader import Loader
from factcheck.imports.bulk.references import References, missing_reference
from factcheck.imports.bulk.rejections import (
    REJECTION_ERRORS,
    explain_rejection,
    rejection_reason,
)
from factcheck.imports.bulk.table import (
    Row,
    Table,
    is_excluded,
    is_same_row,
    key_of,
    table_of,
)
from factcheck.imports.errors import Code
from factcheck.models import ImportProgress, Outlet

# A row, and the object of the file that it comes from.
RowAndObject = tuple[Row, FixtureObject]


class FixtureLoader:
    """Loads one or more fixture files."""

    def __init__(self, *, is_exclusive: bool = False) -> None:
        self.loader = Loader(is_exclusive=is_exclusive)
        self.row_by_row = False
        self.counts = LoadCounts()
        self.references = References()
        self.progress: list[ImportProgress] = []

    def chunks(self, path: Path, size: Callable[[], int]) -> Iterator[int]:
        """Load a file, yielding the number of objects read after each chunk.

        `size` returns the number of objects for the next chunk. A FileError names the place of the
        error, whose chunk is not written.
        """
        progress, _is_new = ImportProgress.objects.get_or_create(digest=digest_of(path))
        self.progress.append(progress)
        self.references.restore_state(progress.later)
        objects = read_fixture(path)
        done = sum(1 for _object in islice(objects, progress.objects_done))
        self.counts.skipped += done
        if done:
            yield done
        while chunk := list(islice(objects, size())):
            done += len(chunk)
            try:
                self._write_chunk(path, chunk, progress, done)
            except REJECTION_ERRORS as error:
                if failure_of(error):
                    raise
                self._find_rejected(path, chunk, progress, done)
            yield done

    def finish(self) -> None:
        """Resolve the forward references, and finish the load."""
        with transaction.atomic():
            self.references.resolve_all()
        self.loader.finish()
        with transaction.atomic():
            for progress in self.progress:
                progress.delete()

    def _write_chunk(
        self, path: Path, objects: Sequence[FixtureObject], progress: ImportProgress, done: int
    ) -> None:
        before = deepcopy(self.counts), len(self.references.unresolved)
        try:
            with transaction.atomic():
                with self.loader.chunk() as chunk:
                    self._write_objects(chunk, path, objects)
                progress.objects_done, progress.later = done, self.references.dump_state(path)
                progress.save()
            self.counts.chunks += 1
        except Exception:
            self.counts, references = before
            del self.references.unresolved[references:]
            self.references.ids.clear()
            raise

    def _find_rejected(
        self, path: Path, objects: Sequence[FixtureObject], progress: ImportProgress, done: int
    ) -> None:
        """Write a rejected chunk again row by row, to find the row that was rejected."""
        self.row_by_row = True
        try:
            self._write_chunk(path, objects, progress, done)
        finally:
            self.row_by_row = False

    def _write_objects(self, chunk: Chunk, path: Path, objects: Sequence[FixtureObject]) -> None:
        """Write objects in their order; adjacent objects of one model are written together."""
        for model_name, group in groupby(objects, key=lambda item: item.model):
            batch = list(group)
            if is_excluded(model_name):
                self.counts.excluded[model_name] += len(batch)
            elif table := _table(path, batch[0]):
                self._write_batch(chunk, path, table, batch)
            else:
                self._write_by_django(chunk, path, batch)

    def _write_by_django(self, chunk: Chunk, path: Path, batch: Sequence[FixtureObject]) -> None:
        with chunk.triggers_enabled():
            for item in batch:
                data = {"model": item.model, "pk": item.pk, "fields": item.fields}
                try:
                    with transaction.atomic():
                        for deserialized in serializers.deserialize("python", [data]):
                            deserialized.save()
                except (serializers.base.DeserializationError, DatabaseError, ValueError) as error:
                    if failure_of(error):
                        raise
                    code, reason = rejection_reason(error)
                    raise object_error(path, item, code, reason=reason) from error
                self.counts.new[item.model] += 1
        chunk.has_other_changes = True

    def _write_batch(
        self, chunk: Chunk, path: Path, table: Table, batch: Sequence[FixtureObject]
    ) -> None:
        self.references.prefetch(table, batch)
        rows: list[RowAndObject] = []
        identities: set[Any] = set()
        for item in batch:
            row = self._row(path, table, item)
            key = key_of(table, row)
            identity = {key} if row[0] is None else {key, row[0]}
            if identities & identity:  # the same row twice: the later object updates the first
                self._write_rows(chunk, path, table, rows)
                rows, identities = [], set()
            rows.append((row, item))
            identities |= identity
        self._write_rows(chunk, path, table, rows)

    def _row(self, path: Path, table: Table, item: FixtureObject) -> Row:
        """Return an object's columns; references to rows that do not exist yet are left empty."""
        fields = item.fields
        name = ""
        try:
            plan = table.plan(tuple(fields))
            row = plan.template.copy()
            if item.pk is not None:
                name = "pk"
                row[0] = table.checked_id(item.pk)
            for name, position, plain, convert in plan.values:
                value = fields[name]
                row[position] = value if type(value) is plain else convert(value)
        except (ValidationError, TypeError, ValueError, OverflowError) as error:
            code, reason = rejection_reason(error)
            field = "" if hasattr(error, "error_dict") else name or "pk"
            raise object_error(path, item, code, field, reason=reason) from error
        for name, position, link in plan.links:
            if fields[name] is not None:
                row[position] = self.references.find(link.remote_field.model, fields[name])
                if row[position] is None and not link.null:
                    raise missing_reference(path, item, name, fields[name])
        for position, make_default in plan.generated_defaults:
            row[position] = make_default()
        return row

    def _write_rows(
        self, chunk: Chunk, path: Path, table: Table, rows: Sequence[RowAndObject]
    ) -> None:
        """Upsert rows, of which no two are the same."""
        stored = self._stored_rows(table, rows)
        new: list[RowAndObject] = []
        changed: list[RowAndObject] = []
        for row, item in rows:
            old = stored.get(key_of(table, row) if row[0] is None else row[0])
            if old is None:
                new.append((row, item))
                continue
            table.copy_unnamed(row, old, item.fields)
            if is_same_row(row, old):
                self.counts.unchanged[table.name] += 1
            else:
                changed.append((row, item))
        self._write(path, table, new, lambda batch: chunk.insert_rows(table, batch))
        self.counts.new[table.name] += len(new)
        self._write(
            path, table, changed, lambda batch: chunk.update_rows(table, batch, stored.values())
        )
        self.counts.updated[table.name] += len(changed)
        self.references.add_written(path, table, rows)
        if table.many_to_many:
            self._set_related(chunk, path, table, rows, {row[0] for row, _item in new})
        if table.model is Outlet:
            chunk.sync_own_aliases([row[0] for row, _item in rows])

    def _stored_rows(self, table: Table, rows: Sequence[RowAndObject]) -> dict[Any, Row]:
        """Return the stored rows, by id and by natural key."""
        stored: dict[Any, Row] = {}
        if ids := [row[0] for row, _item in rows if row[0] is not None]:
            stored |= {row[0]: row for row in table.stored_rows(0, ids)}
        if keys := {row[table.key[0]] for row, _item in rows if row[0] is None}:
            stored |= {key_of(table, row): row for row in table.stored_rows(table.key[0], keys)}
        return stored

    def _write(
        self,
        path: Path,
        table: Table,
        rows: Sequence[RowAndObject],
        write: Callable[[Sequence[Row]], None],
    ) -> None:
        """Write rows together, or row by row to find a rejected one.

        A savepoint for each row would be slow on SQLite, which copies its pages for it.
        """
        if not rows:
            return
        if not self.row_by_row:
            write([row for row, _item in rows])
            return
        for row, item in rows:
            try:
                with transaction.atomic():
                    write([row])
            except REJECTION_ERRORS as error:
                if failure_of(error):
                    raise
                code, reason = rejection_reason(explain_rejection(table, row, error))
                raise object_error(path, item, code, reason=reason) from error

    def _set_related(
        self,
        chunk: Chunk,
        path: Path,
        table: Table,
        rows: Sequence[RowAndObject],
        new_ids: set[int],
    ) -> None:
        """Write many-to-many relations, such as a claim's topics."""
        for link in table.many_to_many:
            related_ids = self.references.related_ids(path, link, rows)
            chunk.insert_related(
                link, {pk: related for pk, related in related_ids.items() if pk in new_ids}
            )
            for pk in related_ids.keys() - new_ids:
                with chunk.triggers_enabled():
                    instance = table.model._base_manager.get(pk=pk)
                    getattr(instance, link.name).set(related_ids[pk])


def _table(path: Path, item: FixtureObject) -> Table | None:
    try:
        return table_of(item.model)
    except (LookupError, ValueError) as error:
        raise object_error(path, item, Code.MODEL_UNKNOWN) from error
