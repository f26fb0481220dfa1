"""The whole database as one fixture that `import_fixtures` reads back, with what describes it.

The public dump holds what readers see: published and retracted claims, what they rest on, and the
log about them. The private one holds all rows that editors keep, and their accounts without
passwords and tokens. Rows are known by natural keys and stand in the order of their ids, so that
what is loaded from a dump gives the same dump again.
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

from factcheck import sql
from factcheck.absolute_urls import site
from factcheck.exports import tables
from factcheck.exports.atomic_files import write_whole
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
_CHUNK = 2_000
# What makes zlib write gzip's frame, and the largest window.
_GZIP = 16 + zlib.MAX_WBITS
# Instead of a password: nobody logs in with it.
_NO_PASSWORD = "!"  # noqa: S105


class Part(NamedTuple):
    """Rows of one model, and the fields that stay at home."""

    rows: QuerySet[Any]
    left_out: frozenset[str] = frozenset()


def _public() -> Iterator[Part]:
    claims = Claim.objects.public()
    citations = Citation.objects.filter(claim__in=claims)
    log = Verification.objects.public()
    outlets = _with_merged(Outlet.objects.public())
    # What a merged outlet refers to comes with it.
    named = Claimant.objects.filter(
        Q(pk__in=Claimant.objects.public().values("pk")) | Q(pk__in=outlets.values("speaks_for"))
    )
    yield Part(Owner.objects.filter(outlets__in=outlets).distinct())
    yield Part(Topic.objects.public())
    yield Part(_with_merged(named))
    yield Part(outlets)
    yield Part(OutletAlias.objects.filter(outlet__in=outlets))
    yield Part(Article.objects.public(), frozenset({"text", "seen"}))
    yield Part(
        claims,
        frozenset({"source_text", "start", "end", "created_by", "recheck_on", "import_ref"}),
    )
    yield Part(citations, frozenset({"note", "start", "end"}))
    yield Part(log, frozenset({"reviewer", "approved_by"}))
    yield Part(Evidence.objects.filter(verification__in=log))
    yield Part(Correction.objects.all())


def _with_merged(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows with those that took over from them, and those whose addresses lead there."""
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
    """Write a dump of one state of the data into a folder; return its description.

    A file is there whole or as it was before; the description, which names the others' digests,
    comes last.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    with sql.snapshot():
        files = {ROWS: write_whole(folder / ROWS, _gzipped(_lines(counts, is_private=is_private)))}
        if not is_private:
            files[TABLE] = write_whole(folder / TABLE, tables.export("csv", ClaimFilter().ids()))
    about = _about(files, counts, is_private=is_private)
    write_whole(folder / ABOUT, [orjson.dumps(about, option=orjson.OPT_INDENT_2)])
    return about


def _lines(counts: Counter[str], *, is_private: bool) -> Iterator[bytes]:
    """Yield a line a row, those first that others point to, and count them by model."""
    if is_private:
        for found in serializers.serialize(
            "python", User.objects.order_by("pk"), use_natural_foreign_keys=True,
            use_natural_primary_keys=True,
        ):  # fmt: skip
            counts[found["model"]] += 1
            found["fields"]["password"] = _NO_PASSWORD
            yield orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)
    for part in _private() if is_private else _public():
        for found in _objects(part):
            counts[found["model"]] += 1
            yield orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def _objects(part: Part) -> Iterator[dict[str, Any]]:
    """Yield a model's rows as a fixture has them, so many at once."""
    model, label = part.rows.model, part.rows.model._meta.label_lower
    # What triggers keep is made anew from the rows.
    absent = {*part.left_out, *(DERIVED if model is Claim else ())}
    columns = {
        field.name: _paths(field)
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated or field.name in absent)
    }
    paths = [path for found in columns.values() for path in found]
    sets = model._meta.many_to_many
    # An outlet brings its own names with it: the numbers of aliases mean nothing.
    order = "key" if model is OutletAlias else "pk"
    rows = part.rows.order_by(order).values_list("pk", *paths).iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        linked = {field.name: _linked(field, [pk for pk, *_values in chunk]) for field in sets}
        for pk, *values in chunk:
            left = iter(values)
            fields: dict[str, Any] = {
                name: next(left) if found == [name] else _key([next(left) for _path in found])
                for name, found in columns.items()
            }
            fields |= {name: keys.get(pk, []) for name, keys in linked.items()}
            yield {"model": label, "fields": fields}


def _paths(field: Field) -> list[str]:
    """Return where a column's value stands; for a link, the other row's natural key."""
    if not isinstance(field, ForeignKey):
        return [field.name]
    return [f"{field.name}__{name}" for name in _natural(field.related_model)]


def _natural(model: type[Model]) -> tuple[str, ...]:
    return getattr(model, "natural_key_fields", (User.USERNAME_FIELD,))


def _key(values: list[Any]) -> list[Any] | None:
    return None if None in values else values


def _linked(field: Any, ids: list[int]) -> Mapping[int, list[list[Any]]]:
    """Return the natural keys of a set's rows, by the id of the row that has the set."""
    one, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    paths = [f"{other}__{name}" for name in _natural(field.related_model)]
    found: dict[int, list[list[Any]]] = {}
    links = field.remote_field.through.objects.filter(**{f"{one}__in": ids}).order_by(*paths)
    for pk, *key in links.values_list(one, *paths):
        found.setdefault(pk, []).append(key)
    return found


def _gzipped(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a gzip file that holds no time: the same lines make the same file."""
    packer = zlib.compressobj(wbits=_GZIP)
    for line in lines:
        if block := packer.compress(line):
            yield block
    yield packer.flush()


def _about(files: Mapping[str, Any], counts: Mapping[str, int], *, is_private: bool) -> Any:
    """Return the description, a Data Package (specs.frictionlessdata.io)."""
    about = {
        "profile": "data-package",
        "name": "factcheck-private" if is_private else "factcheck",
        "title": settings.FACTCHECK_PUBLISHER,
        "homepage": site(),
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
        fields = [{"name": name, "type": _TYPES.get(name, "string")} for name in tables.HEAD]
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


_TYPES = {
    "claimed_on": "date",
    "updated_at": "datetime",
    **dict.fromkeys(("citation_count", "outlet_count", "independent_count"), "integer"),
    "paragraph": "integer",
}
