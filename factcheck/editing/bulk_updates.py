"""Updating many rows in a few statements, with their history, counts and public records."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User

from factcheck import data_version, public_record, triggers
from factcheck.bulk_history import record_versions
from factcheck.db import bulk_sql
from factcheck.models import Citation, Outlet, VerificationKind
from factcheck.triggers.declarations import COUNTS


def ids_of(rows: Any) -> list[int]:
    """Return the ids of a query set's rows, in order."""
    return list(rows.order_by("pk").values_list("pk", flat=True))


def rows_with(model: Any, ids: Iterable[int]) -> Any:
    """Return the rows with these ids, of which there may be any number."""
    return model.objects.filter(pk__in=bulk_sql.in_values(ids))


def claim_ids_of(citation_ids: Iterable[int]) -> set[int]:
    """Return the ids of the claims of some citations."""
    return set(rows_with(Citation, citation_ids).order_by().values_list("claim", flat=True))


def update(model: Any, ids: list[int], *, by: User, reason: str, **values: Any) -> None:
    """Set columns of rows and write the rows' history. The triggers stay active."""
    rows_with(model, ids).update(**values)
    record_versions(model, ids, reason=reason, by=by)


@contextmanager
def suspended_triggers(claims: set[int], citations: list[int], *outlets: Outlet) -> Iterator[None]:
    """Suspend the triggers while citations and names of `outlets` move; then do their work once.

    That work is: the counts of `claims` and of the claims of `citations`, and the search words of
    all claims that cite `outlets`, whose names have changed.
    """
    with triggers.suspended():
        yield
        affected = sorted(claims | claim_ids_of(citations))
        triggers.recompute(affected, COUNTS)
        citing = Citation.objects.filter(outlet__in=outlets).order_by().values_list("claim")
        bulk_sql.insert("factcheck_search_pending", ["claim_id"], list(citing.distinct()))
        data_version.record_changes(affected, other_rows=True)


def record_recount(claims: set[int], citations: list[int], *, by: User, reason: str) -> None:
    """Append a recount to the public record of `claims` and of the claims of `citations`."""
    affected = sorted(claims | claim_ids_of(citations))
    kind = VerificationKind.RECOUNT
    public_record.record_changes(affected, reason=reason, by=by, kind=kind)
