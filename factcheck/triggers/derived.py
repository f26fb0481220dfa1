"""What a claim's derived columns are, as SQL that both engines run; `{claim}` is the claim's id.

`factcheck.queries.independence` and `models.replay` say the same in Python; tests compare them.
"""

# The newsroom's latest finding, by its number: a clock that ran ahead decides nothing. Else what
# the publishers' latest findings have in common, by their days.
# A merged publisher is read as the one it was merged into.
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

# A family is its owner's id, or an ownerless outlet's own id below zero.
_INDEPENDENT = """
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
    "independent_count": _INDEPENDENT,
}


COUNTS = tuple(name for name in COLUMNS if name != "status")


def expressions(claim: str) -> dict[str, str]:
    """Return the SQL of each derived column of the claim whose id is the SQL `claim`."""
    return {name: sql.format(claim=claim).strip() for name, sql in COLUMNS.items()}


# Which claims a change to another row concerns, `{row}` being the row: table, columns whose
# change matters (none: also insertion and deletion), the claims' ids.
TOUCHES = [
    ("citation", "claim_id, outlet_id, reprint_of_id, stance", "{row}.claim_id", "all"),
    ("verification", "", "{row}.claim_id", "insert"),
    (
        "outlet",
        "owner_id, merged_into_id",
        "SELECT claim_id FROM factcheck_citation WHERE outlet_id = {row}.id"
        " UNION SELECT claim_id FROM factcheck_citation WHERE reprint_of_id = {row}.id"
        " UNION SELECT claim_id FROM factcheck_verification WHERE publisher_id = {row}.id",
        # Also when it is written after what cites it, as loaddata does with the order of dumpdata.
        "insert update",
    ),
]

# The same for the search queue: whose words a claim's document holds, and its day, which is the
# document's place.
_CITING = "SELECT claim_id FROM factcheck_citation WHERE outlet_id = {row}."
_ABOUT = "SELECT claim_id FROM factcheck_claim_topics WHERE topic_id = {row}.id"
_CLAIMS = "SELECT id FROM factcheck_claim WHERE "
WORDS = [
    (
        "claim",
        "text, native_text, claimant_id, article_id, claimed_on",
        "{row}.id",
        "insert update",
    ),
    ("citation", "claim_id, outlet_id", "{row}.claim_id", "all"),
    ("claim_topics", "claim_id, topic_id", "{row}.claim_id", "all"),
    ("outlet", "name, native_name, domain", _CITING + "id", "update"),
    ("outletalias", "outlet_id, name, key", _CITING + "outlet_id", "all"),
    ("claimant", "name, native_name", _CLAIMS + "claimant_id = {row}.id", "update"),
    ("topic", "name", _ABOUT, "update"),
    ("article", "title", _CLAIMS + "article_id = {row}.id", "update"),
]

# What readers see beside claims, and whose change is no claim's own: table, the claim's id.
SEEN = [
    ("citation", "{row}.claim_id"),
    ("claim_topics", "{row}.claim_id"),
    *((table, "NULL") for table in ("evidence", "outlet", "outletalias", "owner", "claimant")),
    *((table, "NULL") for table in ("topic", "article", "checkpoint", "correction")),
]

# Links of the log. What is new must be a web address; what is there already stays as it was
# recorded, for its digest covers it, and pages print it as no link.
LINKS = {"verification": ["url"], "evidence": ["url", "archived_url"]}
NO_LINK = "a link of the log begins with http:// or https://"


def links_of(table: str) -> str:
    """Return the SQL of whether a new record's links are web addresses, or empty."""
    return " AND ".join(
        f"(NEW.{link} = '' OR lower(substr(NEW.{link}, 1, 7)) = 'http://'"
        f" OR lower(substr(NEW.{link}, 1, 8)) = 'https://')"
        for link in LINKS[table]
    )


# Append-only tables, and the columns by which INSERT OR REPLACE could reach an old row.
LOG = {
    "verification": ["id = NEW.id", "ref = NEW.ref", "number = NEW.number"],
    "evidence": [
        "id = NEW.id",
        "(verification_id = NEW.verification_id AND url = NEW.url)",
    ],
    "checkpoint": ["id = NEW.id", "last_number = NEW.last_number"],
    "removedrecord": ["id = NEW.id", "number = NEW.number"],
    "correction": ["id = NEW.id", "number = NEW.number"],
}

# When a row of the log may be deleted all the same: number and digest of its record are kept.
_REMOVED = "SELECT 1 FROM factcheck_removedrecord r"
MAY_BE_DELETED = {
    "verification": f"EXISTS ({_REMOVED} WHERE r.number = OLD.number)",
    "evidence": (
        f"EXISTS ({_REMOVED} JOIN factcheck_verification v ON v.number = r.number"
        " WHERE v.id = OLD.verification_id)"
    ),
}
# What must not be removed: a record of a claim that readers may have seen.
WAS_PUBLIC = (
    "EXISTS (SELECT 1 FROM factcheck_verification v JOIN factcheck_claim c ON c.id = v.claim_id"
    " WHERE v.number = NEW.number AND (c.published_at IS NOT NULL"
    " OR c.stage IN ('published', 'retracted') OR EXISTS (SELECT 1 FROM factcheck_verification p"
    " WHERE p.claim_id = c.id AND p.content IS NOT NULL)))"
)
# A number is given once, to a record that is there or to one that was removed.
WAS_REMOVED = f"EXISTS ({_REMOVED} WHERE r.number = NEW.number)"
