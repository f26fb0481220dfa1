"""Loads fixtures as `loaddata` does, many rows at a time, and leaves the same rows.

A chunk of the file is one transaction: new rows go in by the thousand while the triggers rest;
then what the triggers keep up is done once for all claims that the chunk touched: counts and
statuses, search documents, the log of changes, and the beginning of each row's history. So a load
that is cut off has left whole chunks, each right in itself, and goes on after the last one.

A row is known by its `pk`, or else by its model's natural key. One that is there is written over
with all columns while the triggers are awake, absent ones at their defaults but for those made
anew each time, which stay; one that is the same already is left alone. What is no table of this
app goes through Django's own deserializer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from factcheck import bulk_history, change_log, search, sql, triggers
from factcheck.db.claim_lock import lock_claims
from factcheck.failures import failure_of
from factcheck.imports.bulk.fixture_reader import (
    FixtureError,
    FixtureObject,
    digest_of,
    read_fixture,
)
from factcheck.imports.bulk.progress import Loaded
from factcheck.imports.bulk.recording import Recording
from factcheck.imports.bulk.references import REASON, References, at, missing
from factcheck.imports.bulk.search_words import words_ahead
from factcheck.imports.bulk.table import (
    Row,
    Table,
    give_ids_after,
    is_left_out,
    key_of,
    new_ids,
    said,
    same,
    table_of,
    why,
)
from factcheck.models import ImportProgress, Outlet
from factcheck.triggers.derived import COUNTS

_CLAIM = "factcheck.claim"
# What a database and its driver say of values that they do not take.
REFUSED = (DatabaseError, OverflowError, UnicodeEncodeError)


@dataclass
class _Touched:
    """What is to be put right at the end of a chunk."""

    counts: set[int] = field(default_factory=set)
    status: set[int] = field(default_factory=set)
    words: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    claims: set[int] = field(default_factory=set)
    others: bool = False
    new: dict[Table, list[int]] = field(default_factory=lambda: defaultdict(list))
    updated: dict[Table, list[int]] = field(default_factory=lambda: defaultdict(list))


class Loader:
    """One load of one or more files."""

    def __init__(self, *, is_alone: bool = False) -> None:
        # Nobody searches meanwhile: documents may wait for the outlets that are cited later.
        self.is_alone = is_alone
        self.is_careful = False
        self.done = Loaded()
        self.references = References()
        # Of this chunk, if known: words of texts; by slug, derived columns of new claims.
        self.words: dict[str, search.Words] = {}
        self.expected: dict[str, dict[str, Any]] = {}
        self.progress: list[ImportProgress] = []
        self.recording = Recording()
        # Rows of each table that the planner knows of, and does not.
        self.known: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def chunks(self, path: Path, size: Callable[[], int]) -> Iterator[int]:
        """Load a file, yielding the number of objects read after each chunk.

        `size` is asked for how many objects the next chunk shall hold. FixtureError names the
        place; the chunk it is in is not written.
        """
        progress, _is_new = ImportProgress.objects.get_or_create(digest=digest_of(path))
        self.progress.append(progress)
        self.references.resume(progress.later)
        objects = read_fixture(path)
        done = sum(1 for _one in islice(objects, progress.objects_done))
        self.done.skipped += done
        if done:
            yield done
        while chunk := list(islice(objects, size())):
            done += len(chunk)
            try:
                self._write_chunk(path, chunk, progress, done)
            except REFUSED as error:
                if failure_of(error):
                    raise
                self._find_refused(path, chunk, progress, done)
            yield done

    def _write_chunk(
        self, path: Path, chunk: Sequence[FixtureObject], progress: ImportProgress, done: int
    ) -> None:
        before = deepcopy(self.done), len(self.references.later)
        try:
            with transaction.atomic():
                self.write(path, chunk)
                progress.objects_done, progress.later = done, self.references.waiting(path)
                progress.save()
            self.done.chunks += 1
        except Exception:
            self.done, count = before
            del self.references.later[count:]
            self.references.known.clear()
            raise

    def _find_refused(
        self, path: Path, chunk: Sequence[FixtureObject], progress: ImportProgress, done: int
    ) -> None:
        """Write a chunk that was refused once more, row by row, to name the one it was for."""
        self.is_careful = True
        try:
            self._write_chunk(path, chunk, progress, done)
        finally:
            self.is_careful = False

    def finish(self) -> None:
        """Set the references to rows that came later, and tidy up."""
        search.drain()
        with transaction.atomic():
            self.references.settle()
        self.recording.finish()
        with transaction.atomic():
            for progress in self.progress:
                progress.delete()
        change_log.prune()
        sql.analyze_unknown(self.unknown)

    def write(self, path: Path, chunk: Sequence[FixtureObject]) -> None:
        """Write some objects, in their order, and put right what they touch."""
        lock_claims()
        self.touched = _Touched()
        known = self.words or self.done.new[_CLAIM] or self.done.unchanged[_CLAIM]
        first = () if known else chunk
        with words_ahead(first) as read, triggers.suspended(exclusive=self.is_alone):
            for name, objects in groupby(chunk, key=lambda found: found.model):
                batch = list(objects)
                if is_left_out(name):
                    self.done.left_out[name] += len(batch)
                elif table := self._table(path, batch[0]):
                    self._write_batch(path, table, batch)
                else:
                    self._write_by_django(path, batch)
            self._put_right(lambda: self.words or read())

    @contextmanager
    def _awake(self) -> Iterator[None]:
        """Let the triggers work for a while; after an error all is taken back anyway."""
        triggers.resume(exclusive=self.is_alone)
        yield
        triggers.suspend(exclusive=self.is_alone)

    def _table(self, path: Path, found: FixtureObject) -> Table | None:
        try:
            return table_of(found.model)
        except (LookupError, ValueError) as error:
            raise FixtureError(f"{at(path, found)}: there is no such model.") from error

    def _write_by_django(self, path: Path, batch: Sequence[FixtureObject]) -> None:
        with self._awake():
            for found in batch:
                data = {"model": found.model, "pk": found.pk, "fields": found.fields}
                try:
                    with transaction.atomic():
                        for one in serializers.deserialize("python", [data]):
                            one.save()
                except (serializers.base.DeserializationError, DatabaseError, ValueError) as error:
                    if failure_of(error):
                        raise
                    raise FixtureError(f"{at(path, found)}: {said(error)}") from error
                self.done.new[found.model] += 1
        self.touched.others = True

    def _write_batch(self, path: Path, table: Table, batch: Sequence[FixtureObject]) -> None:
        self.references.look_up(table, batch)
        rows: list[tuple[Row, FixtureObject]] = []
        keys: set[Any] = set()
        for found in batch:
            row = self._row(path, table, found)
            here = (key_of(table, row),) if row[0] is None else (key_of(table, row), row[0])
            if not keys.isdisjoint(here):  # a row twice: the later one is written over the first
                self._write_rows(path, table, rows)
                rows, keys = [], set()
            rows.append((row, found))
            keys.update(here)
        self._write_rows(path, table, rows)

    def _row(self, path: Path, table: Table, found: FixtureObject) -> Row:
        """Return an object's columns; references to what is not there yet are left empty."""
        fields = found.fields
        name = ""
        try:
            plan = table.plan(tuple(fields))
            row = plan.base.copy()
            if found.pk is not None:
                name = "pk"
                _plain, convert = table.converters[0]
                row[0] = convert(found.pk)
                if not 1 <= row[0] <= table.most_id:
                    raise ValidationError(f"{found.pk} is not between 1 and {table.most_id}.")
            for name, place, plain, convert in plan.values:
                value = fields[name]
                row[place] = value if type(value) is plain else convert(value)
        except (ValidationError, TypeError, ValueError, OverflowError) as error:
            where = "" if hasattr(error, "error_dict") else f"{name or 'pk'}: "
            raise FixtureError(f"{at(path, found)}: {where}{said(error)}") from error
        for name, place, link in plan.links:
            if fields[name] is not None:
                row[place] = self.references.find(link.remote_field.model, fields[name])
                if row[place] is None and not link.null:
                    raise missing(path, found, name, fields[name])
        for place, value in plan.absent:
            row[place] = value()
        return row

    def _write_rows(
        self, path: Path, table: Table, rows: Sequence[tuple[Row, FixtureObject]]
    ) -> None:
        there = self._there(table, rows)
        new, changed = [], []
        for row, found in rows:
            old = there.get(key_of(table, row)) if row[0] is None else there.get(row[0])
            if old is None:
                new.append((row, found))
                continue
            row[0] = old[0]
            for derived in table.derived:
                row[table.place[derived.name]] = old[table.place[derived.name]]
            for place, _value in table.plan(tuple(found.fields)).absent:
                row[place] = old[place]
            if same(row, old):
                self.done.unchanged[table.name] += 1
            else:
                changed.append((row, found))
        self._insert(path, table, new)
        if changed:
            with self._awake():
                self._careful(path, table, changed, table.update)
            self.recording.note_changed(table, [row for row, _found in changed], there.values())
            self.touched.updated[table] += [row[0] for row, _found in changed]
            self.done.updated[table.name] += len(changed)
        self._after(path, table, rows, {row[0] for row, _found in new})

    def _there(self, table: Table, rows: Sequence[tuple[Row, FixtureObject]]) -> dict[Any, Row]:
        """Return the stored rows, by id and by natural key."""
        found: dict[Any, Row] = {}
        if ids := [row[0] for row, _found in rows if row[0] is not None]:
            found |= {row[0]: row for row in table.find(0, ids)}
        if keys := {row[table.key[0]] for row, _found in rows if row[0] is None}:
            found |= {key_of(table, row): row for row in table.find(table.key[0], keys)}
        return found

    def _insert(self, path: Path, table: Table, rows: Sequence[tuple[Row, FixtureObject]]) -> None:
        without = [row for row, _found in rows if row[0] is None]
        if given := [row[0] for row, _found in rows if row[0] is not None]:
            give_ids_after(table.model, max(given))
        for row, pk in zip(
            without, new_ids(table.model, len(without)) if without else (), strict=True
        ):
            row[0] = pk
        if not rows:
            return
        if table.name == _CLAIM:
            table.expect(rows, self.expected)
        # Its outlet may be cited already: the triggers find the claims whose words it adds to.
        with self._awake() if table.name == "factcheck.outletalias" else nullcontext():
            self._careful(path, table, rows, table.insert)
        self.touched.new[table] += [row[0] for row, _found in rows]
        self.done.new[table.name] += len(rows)

    def _careful(
        self,
        path: Path,
        table: Table,
        rows: Sequence[tuple[Row, FixtureObject]],
        write: Callable[[Sequence[Row]], None],
    ) -> None:
        """Write rows at once: within a savepoint each row would cost SQLite a copy of its pages."""
        if not self.is_careful:
            write([row for row, _found in rows])
            return
        for row, found in rows:
            try:
                with transaction.atomic():
                    write([row])
            except REFUSED as error:
                if failure_of(error):
                    raise
                raise FixtureError(f"{at(path, found)}: {why(table, row, error)}") from error

    def _after(
        self, path: Path, table: Table, rows: Sequence[tuple[Row, FixtureObject]], new: set[int]
    ) -> None:
        """Note what rows are known by, what refers to later ones, and which claims they touch."""
        self.references.note(path, table, rows)
        touched = self.touched
        if table.name == _CLAIM:
            self._set_topics(path, table, rows, new)
            (touched.waiting if self.is_alone else touched.words).update(new)
            touched.claims |= new
        elif table.name in {"factcheck.citation", "factcheck.verification"}:
            of = table.place["claim"]
            claims = {row[of] for row, _found in rows if row[0] in new}
            is_citation = table.name == "factcheck.citation"
            (touched.counts if is_citation else touched.status).update(claims)
            touched.words |= claims if is_citation else set()
            touched.claims |= claims
        else:
            touched.others = touched.others or bool(new)
        if table.name == "factcheck.outlet":
            with self._awake():
                Outlet.objects.filter(pk__in=[row[0] for row, _found in rows]).sync_own_aliases()

    def _set_topics(
        self, path: Path, table: Table, rows: Sequence[tuple[Row, FixtureObject]], new: set[int]
    ) -> None:
        for link in table.sets:
            through: Any = link.remote_field.through
            ours, theirs = link.m2m_column_name(), link.m2m_reverse_name()
            asked: dict[int, list[int]] = {}
            for row, found in rows:
                if link.name not in found.fields:
                    continue
                keys = found.fields[link.name]
                if not isinstance(keys, list):
                    raise FixtureError(f"{at(path, found)}: {link.name}: a list is expected.")
                wanted: list[int] = []
                for key in keys:
                    pk = self.references.find(link.remote_field.model, key)
                    if pk is None:
                        raise missing(path, found, link.name, key)
                    wanted.append(pk)
                asked[row[0]] = list(dict.fromkeys(wanted))
            fresh = ((pk, other) for pk in asked if pk in new for other in asked[pk])
            sql.insert(through._meta.db_table, [ours, theirs], fresh)
            for pk in asked.keys() - new:
                with self._awake():
                    instance = table.model._base_manager.get(pk=pk)
                    getattr(instance, link.name).set(asked[pk])

    def _analyze(self) -> None:
        """Tell the planner of tables that have doubled.

        PostgreSQL's takes a new one for empty, and would read the whole log once for each claim;
        SQLite's takes all values for rare, and would read all published claims to find a few.
        """
        for table, pks in self.touched.new.items():
            name = table.sql_name
            self.unknown[name] += len(pks)
            if self.unknown[name] > max(self.known[name], sql.MANY):
                sql.analyze(name)
                self.known[name] += self.unknown.pop(name)

    def _put_right(self, words: Callable[[], dict[str, search.Words]]) -> None:
        """Do once for the chunk what the triggers would have done for each of its rows.

        `words` returns those of the texts that have been read already.
        """
        touched = self.touched
        self._analyze()
        if ids := sorted(touched.counts | touched.status):
            wanted = [*(COUNTS if touched.counts else ()), *(["status"] if touched.status else ())]
            triggers.recompute(ids, wanted)
        if touched.words:
            search.store(search.documents(touched.words, known=words()))
            if self.is_alone:
                sql.delete("factcheck_search_pending", "claim_id", touched.words)
        waiting = ([pk] for pk in sorted(touched.waiting - touched.words))
        sql.insert("factcheck_search_pending", ["claim_id"], waiting)
        self.recording.claims.update(touched.claims)
        now, reason = timezone.now(), REASON
        for sign, tables in (("+", touched.new), ("~", touched.updated)):
            for table, pks in tables.items():
                bulk_history.remember(table.model, pks, sign=sign, at=now, reason=reason)
        change_log.record(touched.claims, others=touched.others)
