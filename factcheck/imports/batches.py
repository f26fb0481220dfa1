"""Records the rows that an import writes as a batch, which can be reviewed and taken back."""

from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth.models import User
from django.db.models import Model

from factcheck.models import Article, Claim, Claimant, ImportBatch, ImportKind, Outlet

_FACT_CHECK_MODELS = (Claim, Outlet, Claimant)


def create(name: str, file_format: str, by: User | None) -> ImportBatch:
    """Return the new batch of a file of fact-checks; `by` is None for the operator."""
    return ImportBatch.objects.create(
        kind=ImportKind.FACT_CHECKS,
        file_name=name[:300],
        file_format=file_format,
        imported_by=by,
    )


def record_chunk(
    batch: ImportBatch,
    new_ids: Mapping[type[Model], Iterable[int]],
    changed_ids: Iterable[int],
    **counts: int,
) -> None:
    """Record a chunk's new rows, the existing claims that got a finding, and the counts so far.

    Call it in the transaction that writes the chunk: a load that is cut off leaves a batch of what
    was saved.
    """
    batch.add(
        new={_name(model): ids for model, ids in new_ids.items() if model in _FACT_CHECK_MODELS},
        changed=changed_ids,
    )
    batch.count(**counts)


def _name(model: type[Model]) -> str:
    return str(model._meta.model_name)


def close(batch: ImportBatch | None, **counts: int) -> None:
    """Write the final counts of records."""
    if batch:
        batch.count(**counts)
        batch.refresh_from_db()


def record_article(
    article: Article,
    *,
    is_new: bool,
    added: Collection[int],
    added_to: Collection[int],
    outlets: Iterable[Outlet],
    by: User | None,
    **counts: int,
) -> ImportBatch | None:
    """Create the batch of an article's import; return None if the import added nothing.

    `added` are ids of new claims, `added_to` of existing ones that have got new citations.
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
