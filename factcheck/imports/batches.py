"""Notes what an import writes as a batch, so that it can be reviewed and taken back."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User

from factcheck import sql
from factcheck.imports.bulk.table import Table
from factcheck.models import Article, Claim, ImportBatch, ImportKind, Outlet

if TYPE_CHECKING:
    from factcheck.imports.fact_checks.writer import Report

_OF_FACT_CHECKS = ("claim", "outlet", "claimant")


def begin(name: str, file_format: str, by: User | None) -> ImportBatch:
    """Return the new batch of a file of fact-checks; `by` is None for the operator."""
    return ImportBatch.objects.create(
        kind=ImportKind.FACT_CHECKS,
        file_name=name[:300],
        file_format=file_format,
        imported_by=by,
    )


def note(report: "Report", new: Mapping[Table, Collection[int]], changed: Iterable[str]) -> None:
    """Note a chunk's new rows and the slugs of claims that got a finding in the report's batch.

    In the transaction that writes the chunk: a load that is cut off leaves a batch of what is in.
    """
    batch = report.batch
    if batch is None:
        return
    ids = {table.model._meta.model_name: pks for table, pks in new.items()}
    slugs = list(changed)
    known: Any = Claim.objects.filter(slug__in=sql.within(slugs)).order_by() if slugs else None
    batch.add(
        new={name: ids[name] for name in _OF_FACT_CHECKS if name in ids},
        changed=() if known is None else known.values_list("pk", flat=True),
    )
    batch.count(created=report.created, changed=report.superseded, unchanged=report.unchanged)


def close(batch: ImportBatch | None, **counts: int) -> None:
    """Write the last counts of records."""
    if batch:
        batch.count(**counts)
        batch.refresh_from_db()


def note_article(
    article: Article,
    *,
    is_new: bool,
    added: Collection[int],
    added_to: Collection[int],
    outlets: Iterable[Outlet],
    by: User | None,
    **counts: int,
) -> ImportBatch | None:
    """Return the batch of an article's import; None if that brought in nothing new.

    `added` are ids of new claims, `added_to` of known ones that cite more now.
    """
    new_outlets = [outlet.pk for outlet in outlets]
    if not (added or added_to or new_outlets):
        return None
    batch = ImportBatch.objects.create(
        kind=ImportKind.ARTICLE,
        file_name=article.title,
        imported_by=by,
        created=len(added),
        changed=len(added_to),
        **counts,
    )
    articles = [article.pk] if is_new else []
    batch.add(
        new={"claim": sorted(added), "outlet": new_outlets, "article": articles},
        changed=sorted(added_to),
    )
    return batch
