"""The rules of the triggers of both engines, as SQL that both run.

In SQL, `{claim}` stands for the id of a claim and `{row}` for the row that a trigger is fired for.
"""

from typing import NamedTuple

# The names of all triggers begin so.
PREFIX = "factcheck_keep_"
LOG_CHANGE = "INSERT INTO factcheck_change (first_id, last_id) VALUES ({id}, {id});"
REINDEX = (
    "INSERT INTO factcheck_search_pending (claim_id)"
    " SELECT id FROM factcheck_claim WHERE id IN ({claims});"
)
# The rule of `models.verdicts`.
_STATUS = """
COALESCE(
  (SELECT v.status FROM factcheck_verification v
   WHERE v.claim_id = {claim} AND v.kind = 'finding' AND v.publisher_id IS NULL
   ORDER BY v.number DESC LIMIT 1),
  (SELECT CASE WHEN MIN(v.status) < MAX(v.status) THEN 'disputed' ELSE MIN(v.status) END
   FROM factcheck_verification v JOIN factcheck_outlet p ON p.id = v.publisher_id
   WHERE v.claim_id = {claim} AND v.kind = 'finding' AND NOT EXISTS (
     SELECT 1 FROM factcheck_verification later
     JOIN factcheck_outlet q ON q.id = later.publisher_id
     WHERE later.claim_id = v.claim_id AND later.kind = 'finding'
       AND COALESCE(q.merged_into_id, q.id) = COALESCE(p.merged_into_id, p.id)
       AND (later.reviewed_on, later.number) > (v.reviewed_on, v.number))),
  'unverified')
"""

# Rules 1 to 4 of `queries.independence`. A group is the id of its owner, or below zero the id of an
# outlet without an owner.
INDEPENDENT_COUNT = """
(SELECT COUNT(DISTINCT COALESCE(o.owner_id, -o.id)) FROM factcheck_citation c
 JOIN factcheck_outlet o ON o.id = COALESCE(c.reprint_of_id, c.outlet_id)
 WHERE c.claim_id = {claim} AND c.stance = 'supports')
"""

COLUMNS = {
    "status": _STATUS,
    "citation_count": ("(SELECT COUNT(*) FROM factcheck_citation c WHERE c.claim_id = {claim})"),
    "outlet_count": (
        "(SELECT COUNT(DISTINCT c.outlet_id) FROM factcheck_citation c WHERE c.claim_id = {claim})"
    ),
    "independent_count": INDEPENDENT_COUNT,
}
COUNTS = tuple(name for name in COLUMNS if name != "status")


def expressions(claim: str) -> dict[str, str]:
    """Return the SQL of each derived column of the claim whose id is the SQL `claim`."""
    return {name: sql.format(claim=claim).strip() for name, sql in COLUMNS.items()}


class Dependency(NamedTuple):
    """A table whose rows a claim depends on: which changes concern which claims.

    `claims` is the id of one claim, or a query of the ids of several. `columns` are those whose
    update matters. `on` names the events: insert, update and delete.
    """

    table: str
    columns: str
    claims: str
    on: frozenset[str] = frozenset({"insert", "update", "delete"})

    def claim_ids(self, *rows: str) -> str:
        """Return the query of the claims that these rows (NEW, OLD) concern."""
        queries = (self.claims.format(row=row) for row in rows)
        return " UNION ".join(sql if "SELECT" in sql else f"SELECT {sql}" for sql in queries)


_INSERT_OR_UPDATE = frozenset({"insert", "update"})
_UPDATE = frozenset({"update"})

# After these changes the derived columns of the claims are computed again.
RECOMPUTES = [
    Dependency("citation", "claim_id, outlet_id, reprint_of_id, stance", "{row}.claim_id"),
    Dependency("verification", "", "{row}.claim_id", frozenset({"insert"})),
    Dependency(
        "outlet",
        "owner_id, merged_into_id",
        "SELECT claim_id FROM factcheck_citation WHERE outlet_id = {row}.id"
        " UNION SELECT claim_id FROM factcheck_citation WHERE reprint_of_id = {row}.id"
        " UNION SELECT claim_id FROM factcheck_verification WHERE publisher_id = {row}.id",
        # loaddata may insert an outlet after the citations that refer to it.
        _INSERT_OR_UPDATE,
    ),
]

# After these changes the search documents of the claims are put into the queue: a document holds
# words of these columns, and its id holds the claim's date.
_CITING = "SELECT claim_id FROM factcheck_citation WHERE outlet_id = {row}."
_OF_TOPIC = "SELECT claim_id FROM factcheck_claim_topics WHERE topic_id = {row}.id"
_CLAIMS = "SELECT id FROM factcheck_claim WHERE "
REINDEXES = [
    Dependency(
        "claim",
        "text, native_text, claimant_id, article_id, claimed_on",
        "{row}.id",
        _INSERT_OR_UPDATE,
    ),
    Dependency("citation", "claim_id, outlet_id", "{row}.claim_id"),
    Dependency("claim_topics", "claim_id, topic_id", "{row}.claim_id"),
    Dependency("outlet", "name, native_name, domain", _CITING + "id", _UPDATE),
    Dependency("outletalias", "outlet_id, name, key", _CITING + "outlet_id"),
    Dependency("claimant", "name, native_name", _CLAIMS + "claimant_id = {row}.id", _UPDATE),
    Dependency("topic", "name", _OF_TOPIC, _UPDATE),
    Dependency("article", "title", _CLAIMS + "article_id = {row}.id", _UPDATE),
]


class Logged(NamedTuple):
    """A table whose changes are logged, with the id of the claim that changes, or NULL."""

    table: str
    claim: str = "NULL"


# Changes of what readers see on pages, other than columns of the claims themselves.
LOGS_CHANGE = [
    Logged("citation", "{row}.claim_id"),
    Logged("claim_topics", "{row}.claim_id"),
    *map(Logged, ("evidence", "outlet", "outletalias", "owner", "claimant")),
    *map(Logged, ("topic", "article", "checkpoint", "correction")),
]

# Links of the log. New ones must be web addresses. Older ones stay as they were recorded, because
# the digest covers them, and pages do not print them as links.
LINKS = {"verification": ["url"], "evidence": ["url", "archived_url"]}


def _are_web_addresses(links: list[str]) -> str:
    """Return the SQL condition that the links of a new row are web addresses or empty."""
    return " AND ".join(
        f"(NEW.{link} = '' OR lower(substr(NEW.{link}, 1, 7)) = 'http://'"
        f" OR lower(substr(NEW.{link}, 1, 8)) = 'https://')"
        for link in links
    )


# Append-only tables, with the conditions by which INSERT OR REPLACE would replace an old row.
APPEND_ONLY = {
    "verification": ["id = NEW.id", "ref = NEW.ref", "number = NEW.number"],
    "evidence": ["id = NEW.id", "(verification_id = NEW.verification_id AND url = NEW.url)"],
    "checkpoint": ["id = NEW.id", "last_number = NEW.last_number"],
    "removedrecord": ["id = NEW.id", "number = NEW.number"],
    "correction": ["id = NEW.id", "number = NEW.number"],
}

# Rows of the log may be deleted after the number and digest of the record are stored as removed.
_REMOVED = "SELECT 1 FROM factcheck_removedrecord r"
MAY_BE_DELETED = {
    "verification": f"EXISTS ({_REMOVED} WHERE r.number = OLD.number)",
    "evidence": (
        f"EXISTS ({_REMOVED} JOIN factcheck_verification v ON v.number = r.number"
        " WHERE v.id = OLD.verification_id)"
    ),
}


class Guard(NamedTuple):
    """A trigger that rejects rows of a table for which a condition holds."""

    name: str
    event: str
    table: str
    condition: str
    message: str


# The record belongs to a claim that readers may have seen.
_WAS_PUBLIC = (
    "EXISTS (SELECT 1 FROM factcheck_verification v JOIN factcheck_claim c ON c.id = v.claim_id"
    " WHERE v.number = NEW.number AND (c.published_at IS NOT NULL"
    " OR c.stage IN ('published', 'retracted') OR EXISTS (SELECT 1 FROM factcheck_verification p"
    " WHERE p.claim_id = c.id AND p.content IS NOT NULL)))"
)
GUARDS = [
    Guard(
        "log_evidence_sealed",
        "BEFORE INSERT",
        "evidence",
        "EXISTS (SELECT 1 FROM factcheck_checkpoint c JOIN factcheck_verification v"
        " ON v.number <= c.last_number WHERE v.id = NEW.verification_id)",
        "append-only: a checkpoint holds this record",
    ),
    Guard(
        "log_removedrecord_public",
        "BEFORE INSERT",
        "removedrecord",
        _WAS_PUBLIC,
        "append-only: readers may have seen this record",
    ),
    Guard(
        "log_verification_removed",
        "BEFORE INSERT",
        "verification",
        f"EXISTS ({_REMOVED} WHERE r.number = NEW.number)",
        "append-only: a record of this number was removed",
    ),
    Guard(
        "log_claim_delete",
        "BEFORE DELETE",
        "claim",
        "EXISTS (SELECT 1 FROM factcheck_verification WHERE claim_id = OLD.id)",
        "append-only: a claim with verifications is retracted, not deleted",
    ),
    *(
        Guard(
            f"log_{table}_links",
            "BEFORE INSERT",
            table,
            f"NOT ({_are_web_addresses(links)})",
            "a link of the log begins with http:// or https://",
        )
        for table, links in LINKS.items()
    ),
    Guard(
        "merged_outlet",
        "BEFORE UPDATE OF merged_into_id",
        "outlet",
        "NEW.merged_into_id IS NOT NULL AND EXISTS (SELECT 1 FROM factcheck_citation"
        " WHERE outlet_id = NEW.id OR reprint_of_id = NEW.id)",
        "move the citations before merging an outlet",
    ),
]
