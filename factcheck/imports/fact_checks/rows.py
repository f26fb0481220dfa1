"""Creates the instances for a batch of fact-checks: claims, citations and findings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from factcheck.imports.fact_checks.keys import claim_slug, row_ref
from factcheck.imports.fact_checks.known_findings import KnownClaim
from factcheck.imports.fact_checks.plan import AddClaim, AddFinding
from factcheck.imports.fact_checks.records import Review
from factcheck.imports.fact_checks.resolve import ClaimantIds, OutletIds
from factcheck.models import Citation, Claim, Stage, Status, Verification
from factcheck.models.ratings import rating_key

Addition = tuple[AddClaim | AddFinding, Review]


@dataclass
class RowMaker:
    """Creates unsaved instances from planned additions with resolved outlets and claimants."""

    stage: str
    now: datetime
    outlets: OutletIds
    claimants: ClaimantIds
    # The status of each rating, by the rating's key.
    statuses: dict[str, str]
    # Rating labels that have no status.
    unknown_labels: list[str] = field(default_factory=list)

    def make_claims(self, additions: Sequence[Addition]) -> dict[str, Claim]:
        """Return the new claims, by their import references."""
        return {
            action.import_ref: self._claim(action, review)
            for action, review in additions
            if isinstance(action, AddClaim)
        }

    def make_citations(
        self, claims: dict[str, Claim], additions: Sequence[Addition]
    ) -> list[Citation]:
        """Return the citations of the new claims."""
        return [
            Citation(
                ref=row_ref(action.import_ref, appearance.url),
                claim_id=claims[action.import_ref].pk,
                outlet_id=self.outlets.of(appearance.url),
                date_text=appearance.published_on,
                published_on=appearance.published_on or None,
                url=appearance.url,
                title=appearance.title,
                position=position,
            )
            for action, review in additions
            if isinstance(action, AddClaim)
            for position, appearance in enumerate(review.appearances)
        ]

    def make_findings(
        self,
        claims: dict[str, Claim],
        known_claims: dict[str, KnownClaim],
        additions: Sequence[Addition],
        first_number: int,
    ) -> list[Verification]:
        """Return the new findings, numbered in their order."""
        last_refs = {ref: claim.last_ref for ref, claim in known_claims.items()}
        pks = {ref: claim.pk for ref, claim in known_claims.items()}
        pks.update((ref, claim.pk) for ref, claim in claims.items())
        findings = []
        for number, (action, review) in enumerate(additions, first_number):
            text = "\n".join((review.text, review.label, review.reason, review.reviewed_on))
            ref = row_ref(review.url, text, last_refs.get(action.import_ref, ""))
            last_refs[action.import_ref] = ref
            if not self._status(review):
                self.unknown_labels.append(review.label)
            findings.append(
                Verification(
                    ref=ref,
                    number=number,
                    claim_id=pks[action.import_ref],
                    statement=review.text,
                    status=self._status(review) or Status.UNVERIFIED,
                    label=review.label,
                    reason=review.reason,
                    publisher_id=self.outlets.of(review.url),
                    url=review.url,
                    reviewed_on=action.finding.reviewed_on,
                    created_at=self.now,
                )
            )
        return findings

    def _claim(self, action: AddClaim, review: Review) -> Claim:
        outlets = len({self.outlets.of(appearance.url) for appearance in review.appearances})
        return Claim(
            slug=claim_slug(review.text, action.import_ref),
            text=review.text,
            language=review.language or "und",
            claimant_id=self.claimants.of(review.claimant),
            claimed_on=review.claimed_on or None,
            stage=self.stage,
            published_at=self.now if self.stage == Stage.PUBLISHED else None,
            updated_at=self.now,
            import_ref=action.import_ref,
            # The loader corrects these if two of the outlets have the same owner.
            status=self._status(review) or Status.UNVERIFIED,
            citation_count=len(review.appearances),
            outlet_count=outlets,
            independent_count=outlets,
        )

    def _status(self, review: Review) -> str:
        return self.statuses.get(rating_key(review.label), "")
