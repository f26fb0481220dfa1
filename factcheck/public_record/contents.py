"""What a claim says at a moment, as plain data, and how two such states differ.

A content is a JSON object that leaves out what is empty:

    {"text": …, "language": …, "is_quotation": true, "native_text": …, "native_language": …,
     "claimant": {"slug": …, "name": …}, "claimed_on": "2021-08-20", "stage": "published",
     "citations": [{"ref": …, "outlet": {"slug": …, "name": …}, "date": …, "date_end": …,
                    "stance": …, "role": …, "reprint_of": {…}, "url": …, "quote": …}, …],
     "counts": {"citations": 3, "outlets": 2, "independent": 1}}

Outlets and claimants are known by their slugs, which do not change once they have a page. Names
are there for readers; a new name alone is no other content. A merged outlet is compared as the one
that it was merged into.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from factcheck.db import bulk_sql
from factcheck.models import Citation, Claim, Claimant, Outlet, Role, Stage, Stance

Content = dict[str, Any]
Slugs = Mapping[str, str]

_OF_CLAIM = ("text", "language", "is_quotation", "native_text", "native_language")
_OF_CITATION = ("stance", "role", "url", "quote")
# What a claim rests on is compared as a whole; these are compared one by one.
_SCALARS = (*_OF_CLAIM, "claimed_on", "stage")


def contents_of(claim_ids: Iterable[int], *, using: str = DEFAULT_DB_ALIAS) -> dict[int, Content]:
    """Return the content of each of some claims as it stands in the database, by the claim's id.

    Three queries, whatever the number of claims.
    """
    those = bulk_sql.in_values(claim_ids)
    citations = _citations_of(those, using)
    claims = Claim.objects.using(using).filter(pk__in=those).order_by()
    columns = (*_OF_CLAIM, "claimant__slug", "claimant__name", "claimed_on", "stage")
    counts = ("citation_count", "outlet_count", "independent_count")
    found: dict[int, Content] = {}
    for pk, *values in claims.values_list("pk", *columns, *counts):
        row = dict(zip((*columns, *counts), values, strict=True))
        found[pk] = _filled(
            {
                **{name: row[name] for name in _OF_CLAIM},
                "claimant": _named(row["claimant__slug"], row["claimant__name"]),
                "claimed_on": row["claimed_on"] and row["claimed_on"].isoformat(),
                "stage": row["stage"],
                "citations": citations.get(pk, []),
                "counts": {
                    "citations": row["citation_count"],
                    "outlets": row["outlet_count"],
                    "independent": row["independent_count"],
                },
            }
        )
    return found


def _citations_of(those: Any, using: str) -> dict[int, list[Content]]:
    rows = Citation.objects.using(using).filter(claim__in=those).order_by("claim", "ref")
    columns = (
        *("ref", "outlet__slug", "outlet__name", "date_text", "date_end"),
        *("reprint_of__slug", "reprint_of__name", *_OF_CITATION),
    )
    found: dict[int, list[Content]] = defaultdict(list)
    for claim, ref, outlet, name, day, end, source, source_name, *others in rows.values_list(
        "claim_id", *columns
    ):
        citation = {
            "ref": ref,
            "outlet": _named(outlet, name),
            "date": day,
            "date_end": end and end.isoformat(),
            "reprint_of": _named(source, source_name),
            **dict(zip(_OF_CITATION, others, strict=True)),
        }
        found[claim].append(_filled(citation))
    return found


def _named(slug: str | None, name: str | None) -> Content | None:
    return {"slug": slug, "name": name or slug} if slug else None


def _filled(values: Content) -> Content:
    return {name: value for name, value in values.items() if value}


def merged_slugs(*, using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Return the slugs of merged outlets and claimants, with those that they lead to now.

    Prefixed by the kind, since an outlet and a claimant may share a slug.
    """
    found: dict[str, str] = {}
    for model in (Outlet, Claimant):
        rows: Any = model.objects.using(using).exclude(merged_into=None)
        kind = model._meta.model_name
        for slug, into in rows.values_list("slug", "merged_into__slug"):
            found[f"{kind}:{slug}"] = into
    return found


def differs(before: Content, after: Content, merged: Slugs) -> bool:
    """Return whether two contents say something else, counts left out."""
    return _meaning(before, merged) != _meaning(after, merged)


def _meaning(content: Content, merged: Slugs) -> tuple[Any, ...]:
    scalars = tuple(content.get(name) or "" for name in _SCALARS)
    claimant = _slug("claimant", content.get("claimant"), merged)
    return (*scalars, claimant, sorted(_rests_on(one, merged) for one in _cited(content)))


def _cited(content: Content) -> list[Content]:
    return content.get("citations") or []


def _rests_on(citation: Content, merged: Slugs) -> tuple[str, ...]:
    return (
        _slug("outlet", citation.get("outlet"), merged),
        _slug("outlet", citation.get("reprint_of"), merged),
        *(citation.get(name) or "" for name in ("date", "date_end", *_OF_CITATION)),
    )


def _slug(kind: str, named: Content | None, merged: Slugs) -> str:
    slug: str = named["slug"] if named else ""
    return merged.get(f"{kind}:{slug}", slug)


def is_told_otherwise(before: Content, after: Content, merged: Slugs) -> bool:
    """Return whether readers had been told something that `after` no longer says.

    A report that was only added contradicts nothing, unless it moves how many sources count.
    """
    was, now = _meaning(before, merged), _meaning(after, merged)
    counted = ("outlets", "independent")
    was_counted, now_counted = before.get("counts", {}), after.get("counts", {})
    return (
        was[:-1] != now[:-1]
        or any(one not in now[-1] for one in was[-1])
        or any(was_counted.get(name) != now_counted.get(name) for name in counted)
    )


class Difference(NamedTuple):
    """What a part of a claim said and says; empty for what was not there."""

    what: str
    before: str
    after: str


def differences(before: Content, after: Content, merged: Slugs) -> list[Difference]:
    """Return how two contents differ, in words for readers: fields, citations, then counts."""
    return [
        *_of_fields(before, after),
        *_of_claimant(before, after, merged),
        *_of_citations(before, after, merged),
        *_of_counts(before.get("counts", {}), after.get("counts", {})),
    ]


def _of_fields(before: Content, after: Content) -> Iterator[Difference]:
    labels = {f.name: str(f.verbose_name) for f in Claim._meta.concrete_fields}
    for name in _SCALARS:
        was, now = before.get(name) or "", after.get(name) or ""
        if was != now:
            yield Difference(labels[name], _printed(name, was), _printed(name, now))


def _printed(name: str, value: Any) -> str:
    if name == "stage" and value:
        return str(Stage(value).label)
    if name == "is_quotation":
        return _("yes") if value else _("no")
    return str(value)


def _of_claimant(before: Content, after: Content, merged: Slugs) -> Iterator[Difference]:
    was, now = before.get("claimant"), after.get("claimant")
    if _slug("claimant", was, merged) != _slug("claimant", now, merged):
        label = str(Claim._meta.get_field("claimant").verbose_name)
        yield Difference(label, was["name"] if was else "", now["name"] if now else "")


def _of_citations(before: Content, after: Content, merged: Slugs) -> Iterator[Difference]:
    was = {one["ref"]: one for one in _cited(before)}
    now = {one["ref"]: one for one in _cited(after)}
    for ref in dict.fromkeys([*was, *now]):
        old, new = was.get(ref), now.get(ref)
        if old and new and _rests_on(old, merged) == _rests_on(new, merged):
            continue
        yield Difference(_("citation"), _citation_in_words(old), _citation_in_words(new))


def _citation_in_words(citation: Content | None) -> str:
    if citation is None:
        return ""
    days = "–".join(filter(None, (citation.get("date"), citation.get("date_end"))))
    stance, role = citation.get("stance"), citation.get("role")
    source = citation.get("reprint_of")
    parts = (
        citation["outlet"]["name"],
        days,
        str(Stance(stance).label) if stance else "",
        str(Role(role).label) if role else "",
        _("reprint of %(outlet)s") % {"outlet": source["name"]} if source else "",
        citation.get("url", ""),
        citation.get("quote", ""),
    )
    return ", ".join(filter(None, parts))


def count_labels() -> dict[str, str]:
    """Return what the counts are called in the reader's language, by their names in a content."""
    return {
        "citations": _("citations"),
        "outlets": _("outlets"),
        "independent": _("independent sources"),
    }


def _of_counts(before: Content, after: Content) -> Iterator[Difference]:
    for name, label in count_labels().items():
        if before and before.get(name) != after.get(name):
            yield Difference(label, str(before.get(name, 0)), str(after.get(name, 0)))
