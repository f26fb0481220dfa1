"""The history of many rows at once: what one save writes for one row."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import ManyToManyField, Model
from django.utils import timezone

from factcheck import sql


def remember(
    model: type[Model],
    ids: Iterable[int],
    *,
    reason: str,
    sign: str = "~",
    at: Any = None,
    by: Any = None,
) -> None:
    """Write rows of `model` as they stand into their history, if it has one.

    `sign` is the history's own: `+` created, `~` changed, `-` deleted (before the row goes).
    """
    manager = _past_of(model)
    ids = list(ids)
    if manager is None or not ids:
        return
    history = manager.model
    own = {str(f.column) for f in model._meta.concrete_fields}
    columns = ", ".join(f'"{f.column}"' for f in history._meta.concrete_fields if f.column in own)
    those, params = sql.among(ids)
    moment = connection.ops.adapt_datetimefield_value(at or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} ({columns}, history_date,"
            " history_change_reason, history_type, history_user_id)"
            f" SELECT {columns}, %s, %s, %s, %s FROM {model._meta.db_table}"
            f" WHERE id IN {those} ORDER BY 1",
            [moment, reason, sign, by and by.pk, *params],
        )
        for link in model._meta.many_to_many:
            _remember_set(cursor, history, link, those, [moment, *params])


def _remember_set(
    cursor: Any, history: type[Model], link: ManyToManyField, those: str, params: list[Any]
) -> None:
    through = link.remote_field.through._meta.db_table  # type: ignore[union-attr]
    ours, theirs = link.m2m_column_name(), link.m2m_reverse_name()
    table = history._meta.db_table
    cursor.execute(
        f"INSERT INTO {table}_{link.name} (id, {ours}, {theirs}, history_id)"
        f" SELECT link.id, link.{ours}, link.{theirs}, past.history_id FROM {through} link"
        f" JOIN {table} past ON past.id = link.{ours}"
        f" WHERE past.history_date = %s AND link.{ours} IN {those} ORDER BY link.id",
        params,
    )


def _past_of(of: Any) -> Any:
    """Return the manager of a model's or a row's history; None if it has none.

    Not by the name alone: rows of a history that hold a set have a reference of that name.
    """
    name = getattr(of._meta, "simple_history_manager_attribute", "")
    return getattr(of, name) if name else None


# What moves without the row: no change of its own.
MOVES = {"updated_at"}


def differs(row: Any) -> bool:
    """Return whether a row is not what its history says last."""
    past = _past_of(row)
    last = past.first() if past is not None else None
    if last is None:
        return True
    names = {f.attname for f in last._meta.concrete_fields} - MOVES
    own = (f.attname for f in row._meta.concrete_fields)
    return any(getattr(row, name) != getattr(last, name) for name in own if name in names)
