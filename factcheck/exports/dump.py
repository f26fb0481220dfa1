"""The full export: the whole database as a fixture that `import_fixtures` reads, described.

The public export holds what readers see: published and retracted claims, their sources, and the
log about them. The private one holds all rows of the editors, and their accounts without passwords
and tokens. Rows have natural keys and come in the order of their ids, so that a database that was
loaded from an export gives the same export again.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.core import serializers
from django.db.models import Field, ForeignKey, Model, Q, QuerySet
from django.utils import timezone

from factcheck.absolute_urls import home_url
from factcheck.db import bulk_sql, snapshots
from factcheck.exports import table_formats
from factcheck.exports.atomic_files import write_atomically
from factcheck.filters import ClaimFilter
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Correction,
    Evidence,
    Outlet,
    OutletAlias,
    Owner,
    Proposal,
    RatingLabel,
    RemovedRecord,
    Topic,
    Verification,
)
from factcheck.models.claims import DERIVED

ROWS, TABLE, ABOUT = "factcheck.jsonl.gz", "claims.csv", "datapackage.json"
_ROWS_PER_CHUNK = 2_000
# The largest window, with gzip's header and checksum.
_GZIP = 16 + zlib.MAX_WBITS
# Stands for an unusable password.
_NO_PASSWORD = "!"  # noqa: S105


class Part(NamedTuple):
    """Rows of a model, and the fields that are not exported."""

    rows: QuerySet[Any]
    left_out: frozenset[str] = frozenset()


def _public() -> Iterator[Part]:
    claims = Claim.objects.public()
    citations = Citation.objects.filter(claim__in=claims)
    log = Verification.objects.public()
    outlets = _with_merged(Outlet.objects.public())
    # Merged outlets refer to claimants, too.
    claimants = Claimant.objects.filter(
        Q(pk__in=Claimant.objects.public().values("pk")) | Q(pk__in=outlets.values("speaks_for"))
    )
    yield Part(Owner.objects.filter(outlets__in=outlets).distinct())
    yield Part(Topic.objects.public())
    yield Part(_with_merged(claimants))
    yield Part(outlets)
    yield Part(OutletAlias.objects.filter(outlet__in=outlets))
    yield Part(Article.objects.public(), frozenset({"text", "seen"}))
    yield Part(
        claims, frozenset({"source_text", "start", "end", "created_by", "recheck_on", "import_ref"})
    )
    yield Part(citations, frozenset({"note", "start", "end"}))
    yield Part(log, frozenset({"reviewer", "approved_by"}))
    yield Part(Evidence.objects.filter(verification__in=log))
    yield Part(Correction.objects.all())


def _with_merged(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows with the rows they were merged into, and those that were merged into them."""
    return rows.model._default_manager.filter(
        Q(pk__in=rows.values("pk"))
        | Q(pk__in=rows.values("merged_into"))
        | Q(merged_into__in=rows.values("pk"))
    )


def _private() -> Iterator[Part]:
    for model in (
        *(RatingLabel, Owner, Topic, Claimant, Outlet, OutletAlias, Article, Claim, Citation),
        *(Verification, Evidence, Correction, RemovedRecord, Proposal),
    ):
        yield Part(model._default_manager.all())


def write(folder: Path, *, is_private: bool = False) -> dict[str, Any]:
    """Export one state of the data into a folder; return its description.

    Each file is written completely or left as it was. The description comes last: it holds the
    digests of the other files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    with snapshots.snapshot():
        files = {
            ROWS: write_atomically(folder / ROWS, _gzipped(_lines(counts, is_private=is_private)))
        }
        if not is_private:
            files[TABLE] = write_atomically(
                folder / TABLE, table_formats.export("csv", ClaimFilter().ids())
            )
    about = _about(files, counts, is_private=is_private)
    write_atomically(folder / ABOUT, [orjson.dumps(about, option=orjson.OPT_INDENT_2)])
    return about


def _lines(counts: Counter[str], *, is_private: bool) -> Iterator[bytes]:
    """Yield a line for each row, referenced rows first, and count the rows by model."""
    if is_private:
        users = User.objects.order_by("pk")
        for user in serializers.serialize(
            "python", users, use_natural_foreign_keys=True, use_natural_primary_keys=True
        ):
            counts[user["model"]] += 1
            user["fields"]["password"] = _NO_PASSWORD
            yield orjson.dumps(user, option=orjson.OPT_APPEND_NEWLINE)
    for part in _private() if is_private else _public():
        for row in _objects(part):
            counts[row["model"]] += 1
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _objects(part: Part) -> Iterator[dict[str, Any]]:
    """Yield a model's rows as fixture objects, reading many at once."""
    model, label = part.rows.model, part.rows.model._meta.label_lower
    # Triggers compute the derived columns again.
    absent = {*part.left_out, *(DERIVED if model is Claim else ())}
    columns = {
        field.name: _paths(field)
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated or field.name in absent)
    }
    paths = [path for column in columns.values() for path in column]
    sets = model._meta.many_to_many
    # Saving an outlet creates aliases of its own names: the ids of aliases mean nothing.
    order = "key" if model is OutletAlias else "pk"
    rows = part.rows.order_by(order).values_list("pk", *paths).iterator(chunk_size=_ROWS_PER_CHUNK)
    for chunk in bulk_sql.batches(rows, _ROWS_PER_CHUNK):
        linked = {field.name: _linked(field, [pk for pk, *_values in chunk]) for field in sets}
        for pk, *values in chunk:
            remaining = iter(values)
            fields: dict[str, Any] = {
                name: next(remaining)
                if path == [name]
                else _key(list(islice(remaining, len(path))))
                for name, path in columns.items()
            }
            fields |= {name: keys.get(pk, []) for name, keys in linked.items()}
            yield {"model": label, "fields": fields}


def _paths(field: Field) -> list[str]:
    """Return the path of a column's value; for a foreign key, those of the natural key."""
    if not isinstance(field, ForeignKey):
        return [field.name]
    return [f"{field.name}__{name}" for name in _natural(field.related_model)]


def _natural(model: type[Model]) -> tuple[str, ...]:
    return getattr(model, "natural_key_fields", (User.USERNAME_FIELD,))


def _key(values: list[Any]) -> list[Any] | None:
    return None if None in values else values


def _linked(field: Any, ids: list[int]) -> Mapping[int, list[list[Any]]]:
    """Return the natural keys of the rows that a many-to-many field links to, by the row's id."""
    source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
    paths = [f"{target}__{name}" for name in _natural(field.related_model)]
    keys: dict[int, list[list[Any]]] = {}
    links = field.remote_field.through.objects.filter(**{f"{source}__in": ids}).order_by(*paths)
    for pk, *key in links.values_list(source, *paths):
        keys.setdefault(pk, []).append(key)
    return keys


def _gzipped(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a gzip file without a timestamp: the same lines make the same file."""
    compressor = zlib.compressobj(wbits=_GZIP)
    for line in lines:
        if block := compressor.compress(line):
            yield block
    yield compressor.flush()


def _about(files: Mapping[str, Any], counts: Mapping[str, int], *, is_private: bool) -> Any:
    """Return the description, a Data Package (specs.frictionlessdata.io)."""
    about = {
        "profile": "data-package",
        "name": "factcheck-private" if is_private else "factcheck",
        "title": settings.FACTCHECK_PUBLISHER,
        "homepage": home_url(),
        "created": timezone.now().isoformat(timespec="seconds"),
        "resources": [
            {
                "name": ROWS.partition(".")[0],
                "path": ROWS,
                "format": "jsonl",
                "compression": "gz",
                "mediatype": "application/jsonl",
                "encoding": "utf-8",
                "rows": dict(counts),
                **files[ROWS],
            }
        ],
    }
    if TABLE in files:
        fields = [{"name": column.name, "type": column.type} for column in table_formats.COLUMNS]
        about["resources"].append(
            {
                "name": TABLE.partition(".")[0],
                "path": TABLE,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, "primaryKey": "slug"},
                **files[TABLE],
            }
        )
    if license_ := settings.FACTCHECK_DATA_LICENSE:
        is_link = license_.startswith(("http://", "https://"))
        about["licenses"] = [{"path" if is_link else "name": license_}]
    return about
