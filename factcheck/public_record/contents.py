"""The content of a claim as plain data.

A content is a JSON object that leaves out what is empty:

    {"text": …, "language": …, "is_quotation": true, "native_text": …, "native_language": …,
     "claimant": {"slug": …, "name": …}, "claimed_on": "2021-08-20", "stage": "published",
     "citations": [{"ref": …, "outlet": {"slug": …, "name": …}, "date": …, "date_end": …,
                    "stance": …, "role": …, "reprint_of": {…}, "url": …, "quote": …}, …],
     "counts": {"citations": 3, "outlets": 2, "independent": 1}}

Outlets and claimants are identified by their slugs, which do not change once they have a page.
Names are for readers, so a new name alone is not a change of content. A merged outlet is compared
as the one that it was merged into.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from factcheck.db import bulk_sql
from factcheck.models import Citation, Claim, Claimant, Outlet

Content = dict[str, Any]
# The slugs of merged outlets and claimants with the present ones: `merged_slugs`.
Slugs = Mapping[str, str]

_CLAIM_FIELDS = ("text", "language", "is_quotation", "native_text", "native_language")
_CITATION_FIELDS = ("stance", "role", "url", "quote")
# The fields that are compared one by one; claimant and citations are compared by their slugs.
SCALAR_FIELDS = (*_CLAIM_FIELDS, "claimed_on", "stage")


def contents_of(claim_ids: Iterable[int], *, using: str = DEFAULT_DB_ALIAS) -> dict[int, Content]:
    """Return the contents of claims in the database, by the claims' ids. It takes three queries."""
    ids = bulk_sql.in_values(claim_ids)
    citations = _citations_of(ids, using)
    claims = Claim.objects.using(using).filter(pk__in=ids).order_by()
    columns = (*_CLAIM_FIELDS, "claimant__slug", "claimant__name", "claimed_on", "stage")
    counts = ("citation_count", "outlet_count", "independent_count")
    contents: dict[int, Content] = {}
    for pk, *values in claims.values_list("pk", *columns, *counts):
        row = dict(zip((*columns, *counts), values, strict=True))
        contents[pk] = _without_empty(
            {
                **{name: row[name] for name in _CLAIM_FIELDS},
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
    return contents


def _citations_of(claim_ids: Any, using: str) -> dict[int, list[Content]]:
    rows = Citation.objects.using(using).filter(claim__in=claim_ids).order_by("claim", "ref")
    columns = (
        *("ref", "outlet__slug", "outlet__name", "date_text", "date_end"),
        *("reprint_of__slug", "reprint_of__name", *_CITATION_FIELDS),
    )
    citations: dict[int, list[Content]] = defaultdict(list)
    for claim, ref, outlet, name, day, end, source, source_name, *texts in rows.values_list(
        "claim_id", *columns
    ):
        citation = {
            "ref": ref,
            "outlet": _named(outlet, name),
            "date": day,
            "date_end": end and end.isoformat(),
            "reprint_of": _named(source, source_name),
            **dict(zip(_CITATION_FIELDS, texts, strict=True)),
        }
        citations[claim].append(_without_empty(citation))
    return citations


def _named(slug: str | None, name: str | None) -> Content | None:
    return {"slug": slug, "name": name or slug} if slug else None


def _without_empty(values: Content) -> Content:
    return {name: value for name, value in values.items() if value}


def merged_slugs(*, using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Return the slugs of merged outlets and claimants, with those they were merged into.

    The keys begin with the kind, because an outlet and a claimant may have the same slug.
    """
    merged: dict[str, str] = {}
    for model in (Outlet, Claimant):
        rows: Any = model.objects.using(using).exclude(merged_into=None)
        kind = model._meta.model_name
        for slug, into in rows.values_list("slug", "merged_into__slug"):
            merged[f"{kind}:{slug}"] = into
    return merged


def differs(before: Content, after: Content, merged: Slugs) -> bool:
    """Return whether two contents differ in more than their counts."""
    return _meaning(before, merged) != _meaning(after, merged)


def _meaning(content: Content, merged: Slugs) -> tuple[Any, ...]:
    scalars = tuple(content.get(name) or "" for name in SCALAR_FIELDS)
    claimant = current_slug("claimant", content.get("claimant"), merged)
    citations = (citation_meaning(citation, merged) for citation in citations_in(content))
    return (*scalars, claimant, sorted(citations))


def citations_in(content: Content) -> list[Content]:
    return content.get("citations") or []


def citation_meaning(citation: Content, merged: Slugs) -> tuple[str, ...]:
    """Return the values of a citation that are compared."""
    return (
        current_slug("outlet", citation.get("outlet"), merged),
        current_slug("outlet", citation.get("reprint_of"), merged),
        *(citation.get(name) or "" for name in ("date", "date_end", *_CITATION_FIELDS)),
    )


def current_slug(kind: str, named: Content | None, merged: Slugs) -> str:
    """Return the slug of an outlet or claimant, read through a merge; empty without one."""
    slug: str = named["slug"] if named else ""
    return merged.get(f"{kind}:{slug}", slug)


def is_correction(before: Content, after: Content, merged: Slugs) -> bool:
    """Return whether readers had been told something that `after` no longer says.

    An added citation is not a correction, unless it changes the number of outlets or sources.
    """
    *old_fields, old_citations = _meaning(before, merged)
    *new_fields, new_citations = _meaning(after, merged)
    old_counts, new_counts = before.get("counts", {}), after.get("counts", {})
    return (
        old_fields != new_fields
        or any(citation not in new_citations for citation in old_citations)
        or any(old_counts.get(name) != new_counts.get(name) for name in ("outlets", "independent"))
    )
