"""Fetches a claim with everything that its page shows, and the outlets for rows of lists.

Django takes several times as long to write the SQL of a query set with joins as the database takes
to answer it. So the queries with joins are written in SQL; `docs/performance-decisions.md`
has the figures. In them a column `outlet__name` is the field `name` of the related row `outlet`.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from typing import Any

from django.db import connection
from django.db.models import Model, prefetch_related_objects

from factcheck.db import bulk_sql
from factcheck.models import Article, Citation, Claim, Claimant, Outlet, Owner, Topic, Verification
from factcheck.models.claim_querysets import LIST_COLUMNS

_MAX_RELATED = 4


def _columns(model: type[Model], table: str, *, without: str) -> str:
    """Return the columns of a model for a SELECT, without one that no page shows."""
    names = [field.column for field in model._meta.concrete_fields if field.name != without]
    return ", ".join(f"{table}.{name}" for name in names)


# `source_text` is for editors only, and may be as long as an article.
_CLAIM = f"""
SELECT {_columns(Claim, "claim", without="source_text")},
    claimant.id AS claimant__id, claimant.slug AS claimant__slug,
    claimant.name AS claimant__name, claimant.role AS claimant__role,
    claimant.kind AS claimant__kind, claimant.same_as AS claimant__same_as,
    article.id AS article__id, article.slug AS article__slug, article.title AS article__title
FROM factcheck_claim claim
LEFT JOIN factcheck_claimant claimant ON claimant.id = claim.claimant_id
LEFT JOIN factcheck_article article ON article.id = claim.article_id
WHERE claim.slug = %s
"""

_CITATIONS = """
SELECT citation.*,
    outlet.id AS outlet__id, outlet.slug AS outlet__slug, outlet.name AS outlet__name,
    outlet.control AS outlet__control, outlet.owner_id AS outlet__owner_id,
    outlet.speaks_for_id AS outlet__speaks_for_id,
    owner.id AS outlet__owner__id, owner.name AS outlet__owner__name,
    source.id AS reprint_of__id, source.slug AS reprint_of__slug, source.name AS reprint_of__name,
    source.control AS reprint_of__control, source.owner_id AS reprint_of__owner_id,
    source.speaks_for_id AS reprint_of__speaks_for_id,
    source_owner.id AS reprint_of__owner__id, source_owner.name AS reprint_of__owner__name
FROM factcheck_citation citation
JOIN factcheck_outlet outlet ON outlet.id = citation.outlet_id
LEFT JOIN factcheck_owner owner ON owner.id = outlet.owner_id
LEFT JOIN factcheck_outlet source ON source.id = citation.reprint_of_id
LEFT JOIN factcheck_owner source_owner ON source_owner.id = source.owner_id
WHERE citation.claim_id = %s
ORDER BY citation.position, citation.id
"""

# `content` is a copy of the whole page at the time of the entry.
_LOG = f"""
SELECT {_columns(Verification, "entry", without="content")},
    publisher.id AS publisher__id, publisher.slug AS publisher__slug,
    publisher.name AS publisher__name, publisher.homepage AS publisher__homepage,
    publisher.merged_into_id AS publisher__merged_into_id,
    successor.id AS publisher__merged_into__id, successor.slug AS publisher__merged_into__slug,
    successor.name AS publisher__merged_into__name,
    successor.homepage AS publisher__merged_into__homepage
FROM factcheck_verification entry
LEFT JOIN factcheck_outlet publisher ON publisher.id = entry.publisher_id
LEFT JOIN factcheck_outlet successor ON successor.id = publisher.merged_into_id
WHERE entry.claim_id = %s
ORDER BY entry.number DESC
"""

_LISTED = f"""
SELECT {", ".join(f"claim.{name}" for name in LIST_COLUMNS if "__" not in name)},
    claimant.name AS claimant__name
FROM factcheck_claim claim LEFT JOIN factcheck_claimant claimant ON claimant.id = claim.claimant_id
"""
_OF_PARAGRAPH = f"""{_LISTED}
WHERE claim.stage = 'published' AND claim.article_id = %s AND claim.paragraph = %s
    AND claim.id <> %s
ORDER BY claim.start ASC NULLS LAST, claim.id LIMIT {_MAX_RELATED}
"""
_OF_CLAIMANT = f"""{_LISTED}
WHERE claim.stage = 'published' AND claim.claimant_id = %s AND claim.id <> %s
ORDER BY claim.newest_day DESC, claim.id DESC LIMIT {_MAX_RELATED}
"""

_CITED_OUTLETS = """
SELECT citation.claim_id, outlet.slug, outlet.name, outlet.control
FROM factcheck_citation citation JOIN factcheck_outlet outlet ON outlet.id = citation.outlet_id
WHERE citation.claim_id IN {ids}
ORDER BY citation.claim_id, citation.position, citation.id
"""


def get_claim_detail(slug: str) -> Claim | None:
    """Return a claim with claimant, article, its citations (`cited`), `log` and `topic_list`."""
    claim: Claim | None = next(iter(Claim.objects.raw(_CLAIM, [slug])), None)
    if claim is None:
        return None
    _set_related(claim, {"claimant": Claimant, "article": Article})
    claim.cited = list(Citation.objects.raw(_CITATIONS, [claim.pk]))
    for citation in claim.cited:
        citation.claim = claim
        _set_related(citation, {"outlet": Outlet, "outlet__owner": Owner})
        _set_related(citation, {"reprint_of": Outlet, "reprint_of__owner": Owner})
    claim.log = list(Verification.objects.raw(_LOG, [claim.pk]))
    for entry in claim.log:
        entry.claim = claim
        _set_related(entry, {"publisher": Outlet, "publisher__merged_into": Outlet})
    prefetch_related_objects(claim.log, "evidence")
    claim.topic_list = list(Topic.objects.filter(claims=claim.pk))
    return claim


def _set_related(row: Any, models: dict[str, type[Model]]) -> None:
    """Set the related rows of a row of a raw query from its columns `path__field`.

    Fields that have no such column are deferred. The columns hold texts and numbers, which need no
    conversion.
    """
    columns = vars(row)
    for path, model in models.items():
        *parents, name = path.split("__")
        parent = reduce(getattr, parents, row)
        if parent is None:
            continue
        names = [
            f.attname for f in model._meta.concrete_fields if f"{path}__{f.attname}" in columns
        ]
        values = [columns[f"{path}__{name}"] for name in names]
        is_missing = columns[f"{path}__id"] is None
        setattr(parent, name, None if is_missing else model.from_db(row._state.db, names, values))


def related_claims(claim: Claim) -> list[Claim]:
    """Return some other published claims of the same paragraph, or else of the same claimant.

    They have what `ClaimQuerySet.for_list` has; their other fields are deferred.
    """
    if claim.article_id and claim.paragraph:
        params = [claim.article_id, claim.paragraph, claim.pk]
        return list(Claim.objects.raw(_OF_PARAGRAPH, params))
    if claim.claimant_id:
        return list(Claim.objects.raw(_OF_CLAIMANT, [claim.claimant_id, claim.pk]))
    return []


def cited_outlets(claim_ids: Iterable[int]) -> dict[int, dict[str, tuple[str, str]]]:
    """Return, for each claim, the outlets that it cites by their slugs: name and control."""
    outlets: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    if claims := list(claim_ids):
        ids, params = bulk_sql.value_list_sql(claims)
        with connection.cursor() as cursor:
            cursor.execute(_CITED_OUTLETS.format(ids=ids), params)
            for claim, slug, name, control in cursor.fetchall():
                outlets[claim].setdefault(slug, (name, control))
    return outlets
