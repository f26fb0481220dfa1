"""Imports a file of other publishers' fact-checks, for the command and the admin.

The whole file is read first, because the records of one address may stand anywhere in it. Then it
is written in batches. Invalid records are rejected one by one. An error of the file itself ends the
reading; the records before it are imported.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction

from factcheck.db import planner
from factcheck.imports import batches
from factcheck.imports.dry_run import on_database_copy, rolled_back
from factcheck.imports.fact_checks.formats import ReviewFile
from factcheck.imports.fact_checks.rejections import RejectedRecords, Rejection
from factcheck.imports.fact_checks.spool import RecordSpool
from factcheck.imports.fact_checks.writer import FactCheckWriter, ImportReport, count_texts
from factcheck.models import RatingLabel

# A dry run of so few records is rolled back instead of working on a copy of the database.
_MAX_ROLLED_BACK = 50
# Records between two calls of the progress callback.
_READ_STEP = 1_000


def import_reviews(
    file: ReviewFile,
    rejected: RejectedRecords,
    *,
    stage: str,
    size: int,
    is_exclusive: bool = False,
    is_dry: bool = False,
    by: User | None = None,
    on_read: Callable[[int], None] = lambda done: None,
    on_written: Callable[[int], None] = lambda done: None,
) -> ImportReport:
    """Import a file's records in batches of `size`, each in a transaction; a dry run saves none.

    `is_exclusive` if nobody else writes meanwhile. Callbacks: `on_read` gets the number of records
    that have been read, `on_written` the number of written ones after each batch. The report
    names the `ImportBatch` of what was written, imported by `by` (None: the operator). NoRoomError
    if a dry run has no room for its copy of the database.
    """
    report = ImportReport()
    with closing(RecordSpool()) as spool:
        _read(file, spool, rejected, report, on_read)
        is_short = is_dry and spool.count + rejected.count <= _MAX_ROLLED_BACK
        is_exclusive = is_exclusive or (is_dry and not is_short)
        with _write_context(is_dry=is_dry, is_short=is_short):
            _load_rating_labels()
            if not is_dry and (spool.count or rejected.count):
                report.batch = batches.create(file.name, file.kind, by)
            writer = FactCheckWriter(spool, report, stage=stage, is_exclusive=is_exclusive)
            with planner.bulk_write_pragmas() if is_exclusive else nullcontext():
                _write(spool, writer, rejected, size, on_written)
            writer.finish()
    report.rejected = rejected.count
    counts = {"unchanged": report.unchanged, "rejected": rejected.count}
    batches.close(report.batch, **counts)
    return report


def _read(
    file: ReviewFile,
    spool: RecordSpool,
    rejected: RejectedRecords,
    report: ImportReport,
    on_progress: Callable[[int], None],
) -> None:
    for number, record in enumerate(file.records(), 1):
        if record.problem:
            rejected.add(record.raw, Rejection.of(record.location, record.problem))
        elif record.review:
            spool.add(record, record.review)
            count_texts(report.unreadable, record.review.unreadable)
        if number % _READ_STEP == 0:
            on_progress(number)


def _write(
    spool: RecordSpool,
    writer: FactCheckWriter,
    rejected: RejectedRecords,
    size: int,
    on_progress: Callable[[int], None],
) -> None:
    done = 0
    for addresses in spool.batches(size):
        for number, error in writer.write(addresses, size):
            location, raw = spool.source(number)
            rejected.add(raw, Rejection.of(location, error))
        done += sum(len(address.records) for address in addresses)
        on_progress(done)


def _write_context(*, is_dry: bool, is_short: bool) -> AbstractContextManager[None]:
    """Return the context to write in, which discards what a dry run writes."""
    if not is_dry:
        return nullcontext()
    return rolled_back() if is_short else on_database_copy()


def _load_rating_labels() -> None:
    if not RatingLabel.objects.exists():
        # Outside a transaction, loaddata closes the connection, which deletes a dry run's copy.
        with transaction.atomic():
            call_command("loaddata", "rating_labels", verbosity=0)
