"""Writes history for many rows at once: the versions that saving them one by one would write."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import ManyToManyField, Model
from django.utils import timezone

from factcheck.db import bulk_sql
from factcheck.undocumented_api import history_manager_of

# These change without their row: their change alone makes no version.
UNVERSIONED_FIELDS = {"updated_at"}


def record_versions(
    model: type[Model],
    ids: Iterable[int],
    *,
    reason: str,
    history_type: str = "~",
    at: datetime | None = None,
    by: User | None = None,
) -> None:
    """Copy rows as they stand into their model's history, if it has one.

    `history_type` is that of django-simple-history: `+` created, `~` changed, `-` deleted. Versions
    of deleted rows are written before the rows go.
    """
    manager = history_manager_of(model)
    ids = list(ids)
    if manager is None or not ids:
        return
    history = manager.model
    row_columns = {str(f.column) for f in model._meta.concrete_fields}
    columns = ", ".join(
        f'"{f.column}"' for f in history._meta.concrete_fields if f.column in row_columns
    )
    value_list, params = bulk_sql.value_list_sql(ids)
    history_date = connection.ops.adapt_datetimefield_value(at or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} ({columns}, history_date,"
            " history_change_reason, history_type, history_user_id)"
            f" SELECT {columns}, %s, %s, %s, %s FROM {model._meta.db_table}"
            f" WHERE id IN {value_list} ORDER BY 1",
            [history_date, reason, history_type, by.pk if by else None, *params],
        )
        for link in model._meta.many_to_many:
            _record_related(cursor, history, link, value_list, [history_date, *params])


def record_creation(instances: Sequence[Model], *, reason: str, by: User | None = None) -> None:
    """Write the first versions of new rows of one model, each for its own reason if it has one."""
    ids_by_reason: dict[str, list[int]] = defaultdict(list)
    for instance in instances:
        ids_by_reason[getattr(instance, "_change_reason", reason)].append(instance.pk)
    for own_reason, ids in ids_by_reason.items():
        record_versions(type(instances[0]), ids, history_type="+", reason=own_reason, by=by)


def _record_related(
    cursor: Any, history: type[Model], link: ManyToManyField, value_list: str, params: list[Any]
) -> None:
    """Copy the sets of related rows into the versions that have just been written."""
    through = link.remote_field.through._meta.db_table  # type: ignore[union-attr]
    source, target = link.m2m_column_name(), link.m2m_reverse_name()
    table = history._meta.db_table
    cursor.execute(
        f"INSERT INTO {table}_{link.name} (id, {source}, {target}, history_id)"
        f" SELECT link.id, link.{source}, link.{target}, version.history_id FROM {through} link"
        f" JOIN {table} version ON version.id = link.{source}"
        f" WHERE version.history_date = %s AND link.{source} IN {value_list} ORDER BY link.id",
        params,
    )


def has_changed_since_last_version(instance: Any) -> bool:
    """Return whether a row differs from the last version in its history."""
    manager = history_manager_of(instance)
    last = manager.first() if manager is not None else None
    if last is None:
        return True
    versioned = {f.attname for f in last._meta.concrete_fields} - UNVERSIONED_FIELDS
    names = (f.attname for f in instance._meta.concrete_fields)
    return any(
        getattr(instance, name) != getattr(last, name) for name in names if name in versioned
    )
