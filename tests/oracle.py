"""What the database should say, worked out in plain Python from the rows alone."""

from factcheck.models import Claim, Verification
from factcheck.models.status_rule import status_changes


def claims():
    """Return all claims with their rows, read once: they are asked for again and again."""
    return list(
        Claim.objects.select_related("claimant", "article").prefetch_related(
            "citations__outlet__owner", "citations__reprint_of", "topics"
        )
    )


def owner_group(outlet):
    return ("owner", outlet.owner_id) if outlet.owner_id else ("outlet", outlet.pk)


def status(claim):
    findings = [entry for entry in claim.verifications.all() if entry.kind == "finding"]
    key = lambda entry: (entry.reviewed_on, entry.number)  # noqa: E731
    own = [entry for entry in findings if entry.publisher_id is None]
    if own:
        return max(own, key=lambda entry: entry.number).status
    latest = {}
    for entry in sorted(findings, key=key):
        publisher = entry.publisher.merged_into or entry.publisher
        latest[publisher.pk] = entry.status
    found = set(latest.values())
    if not found:
        return "unverified"
    return found.pop() if len(found) == 1 else "disputed"


def independent_count(citations):
    return len(
        {
            owner_group(citation.reprint_of or citation.outlet)
            for citation in citations
            if citation.stance == "supports"
        }
    )


def derived(claim):
    citations = claim.citations.all()
    return {
        "status": status(claim),
        "citation_count": len(citations),
        "outlet_count": len({citation.outlet_id for citation in citations}),
        "independent_count": independent_count(citations),
        "year": claim.claimed_on.year if claim.claimed_on else None,
    }


def assert_all_right():
    for claim in claims():
        expected = derived(claim)
        assert {name: getattr(claim, name) for name in expected} == expected, claim.slug
        log = status_changes(Verification.objects.filter(claim=claim))
        assert (log[-1].after if log else "unverified") == claim.status


def bases(claim):
    """Return the values of `basis` that hold of a claim."""
    citations = claim.citations.all()
    supporting = [citation for citation in citations if citation.stance == "supports"]
    found = set()
    if len({citation.outlet_id for citation in supporting}) == 1:
        found.add("single_outlet")
    if independent_count(citations) == 1:
        found.add("single_family")
    if supporting and all(citation.outlet.control == "state" for citation in supporting):
        found.add("state_only")
    if any(citation.published_on is None for citation in citations):
        found.add("undated")
    if not citations:
        found.add("uncited")
    return found


def holds(citation, query):
    """Return whether one citation is what `query` asks of a citation."""
    outlet = citation.outlet
    last = citation.date_end or citation.published_on
    return all(
        (
            "outlet" not in query or outlet.slug in query["outlet"],
            "owner" not in query or (outlet.owner and outlet.owner.slug in query["owner"]),
            "control" not in query or outlet.control in query["control"],
            "country" not in query or outlet.country in query["country"],
            "stance" not in query or citation.stance in query["stance"],
            "cited_after" not in query
            or (last is not None and last.isoformat() >= query["cited_after"][0]),
            "cited_before" not in query
            or (
                citation.published_on is not None
                and citation.published_on.isoformat() <= query["cited_before"][0]
            ),
        )
    )


OF_CITATIONS = {"outlet", "owner", "control", "country", "stance", "cited_after", "cited_before"}


def fits(claim, query):
    """Return whether `query`, a mapping of parameters to lists of values, asks for `claim`."""
    day = claim.claimed_on.isoformat() if claim.claimed_on else None
    if OF_CITATIONS & set(query) and not any(
        holds(citation, query) for citation in claim.citations.all()
    ):
        return False
    return all(
        (
            claim.stage == "published",
            "status" not in query or claim.status in query["status"],
            "claimant" not in query
            or (claim.claimant and claim.claimant.slug in query["claimant"]),
            "topic" not in query
            or {topic.slug for topic in claim.topics.all()} & set(query["topic"]),
            "article" not in query or (claim.article and claim.article.slug in query["article"]),
            "language" not in query or claim.language in query["language"],
            "year" not in query or (day and day[:4] in query["year"]),
            "claimed_after" not in query or (day and day >= query["claimed_after"][0]),
            "claimed_before" not in query or (day and day <= query["claimed_before"][0]),
            "independent_min" not in query
            or claim.independent_count >= int(query["independent_min"][0]),
            "independent_max" not in query
            or claim.independent_count <= int(query["independent_max"][0]),
            "basis" not in query or bases(claim) & set(query["basis"]),
        )
    )
