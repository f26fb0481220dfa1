"""Checks of records against their history, and of the dates of the log.

A record that differs from its history was changed without the application. Each check is one query.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck.bulk_history import UNVERSIONED_FIELDS
from factcheck.models import Claimant, Outlet, Owner, Verification

_MODELS: tuple[Any, ...] = (Owner, Outlet, Claimant)
_FETCH_SIZE = 1_000
# The clocks of the server and of the database may differ by this much.
_CLOCK_SKEW = timedelta(minutes=5)


def changed_without_history(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield a sentence for each value of an outlet, owner or claimant that its history lacks.

    Records without any history are left out, because they come from an import that wrote none.
    """
    for model in _MODELS:
        names = _columns(model)
        with connections[using].cursor() as cursor:
            cursor.execute(_differing(model, names, connections[using].vendor))
            while rows := cursor.fetchmany(_FETCH_SIZE):
                for slug, *values in rows:
                    yield from _sentences(model, slug, names, values)


def _columns(model: Any) -> list[str]:
    """Return the columns that are compared: those of both the model and its history."""
    in_history = {field.column for field in model.history.model._meta.concrete_fields}
    columns = (
        field.column
        for field in model._meta.concrete_fields
        if field.attname not in UNVERSIONED_FIELDS
    )
    return [name for name in columns if name in in_history and name != model._meta.pk.column]


def _differing(model: Any, names: list[str], vendor: str) -> str:
    """Return the query of rows that differ from their latest version and from the last written one.

    These are two versions if a clock was wrong, or if a file contained older versions.
    """
    table, history = model._meta.db_table, model.history.model._meta.db_table
    versions = f"SELECT history_id FROM {history} v WHERE v.id = t.id ORDER BY"
    latest = f"({versions} history_date DESC, history_id DESC LIMIT 1)"
    last = f"({versions} history_id DESC LIMIT 1)"
    values = ", ".join([f't."{name}"' for name in names] + [f'h."{name}"' for name in names])
    return (
        f"SELECT t.slug, {values} FROM {table} t JOIN {history} h ON h.history_id = {latest}"
        f" WHERE ({_differs('h', table, names, vendor)}) AND NOT EXISTS (SELECT 1 FROM {history} g"
        f" WHERE g.history_id = {last} AND NOT ({_differs('g', table, names, vendor)}))"
        " ORDER BY t.id"
    )


def _differs(version: str, table: str, names: list[str], vendor: str) -> str:
    """Return the condition that the row `t` differs from a version."""
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    conditions = []
    for name in names:
        condition = f't."{name}" {differs} {version}."{name}"'
        if name == "merged_into_id":
            # Merging B into C also moves what was merged into B to C, without a new version.
            condition += (
                " AND NOT COALESCE(t.merged_into_id = (SELECT b.merged_into_id"
                f" FROM {table} b WHERE b.id = {version}.merged_into_id), FALSE)"
            )
        conditions.append(f"({condition})")
    return " OR ".join(conditions)


def _sentences(model: Any, slug: str, names: list[str], values: list[Any]) -> Iterator[str]:
    stored, recorded = values[: len(names)], values[len(names) :]
    for name, value, last in zip(names, stored, recorded, strict=True):
        if value != last:
            yield _(
                "%(kind)s %(slug)s: %(name)s is “%(now)s”, but its history says “%(then)s”. It was"
                " changed without the application: set it back, or save the record in the admin,"
                " which adds it to the history."
            ) % {
                "kind": model._meta.verbose_name,
                "slug": slug,
                "name": name,
                "now": value,
                "then": last,
            }


def dated_in_the_future(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield a sentence for each record of the log with a date in the future."""
    today, soon = timezone.localdate(), timezone.now() + _CLOCK_SKEW
    rows = (
        Verification.objects.using(using)
        .filter(Q(reviewed_on__gt=today) | Q(created_at__gt=soon))
        .order_by("number")
        .values_list("number", "reviewed_on", "created_at")
    )
    for number, reviewed_on, created_at in rows.iterator(chunk_size=_FETCH_SIZE):
        recorded = timezone.localtime(created_at).date()
        if created_at > soon:
            text = _(
                "record no. %(number)d of the log was recorded on %(recorded)s and dated"
                " %(date)s, which is in the future. It cannot be changed: correct the server's"
                " clock, then approve a new finding of the claim."
            )
        else:
            text = _(
                "record no. %(number)d of the log, recorded on %(recorded)s, is dated %(date)s,"
                " which is in the future. It cannot be changed: record a new finding with the"
                " right date."
            )
        yield text % {
            "number": number,
            "recorded": recorded.isoformat(),
            "date": reviewed_on.isoformat(),
        }
