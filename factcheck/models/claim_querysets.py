"""The query set of claims: what pages, feeds and exports list."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from factcheck.models.base import NaturalKeyQuerySet
from factcheck.models.expressions import WithoutIndex
from factcheck.models.stages import PUBLIC_STAGES, Stage

LIST_COLUMNS = (
    *("id", "slug", "text", "language", "native_text", "native_language", "status", "claimed_on"),
    *("citation_count", "outlet_count", "independent_count", "newest_day", "oldest_day"),
    "claimant__name",
)


class ClaimQuerySet(NaturalKeyQuerySet):
    """Selects and orders claims."""

    def published(self) -> "ClaimQuerySet":
        """Return the claims that public lists show."""
        return self.filter(stage=Stage.PUBLISHED)

    def public(self) -> "ClaimQuerySet":
        """Return the claims that have a public page. Retracted claims keep theirs."""
        return self.filter(stage__in=PUBLIC_STAGES)

    def public_in_pk_order(self) -> "ClaimQuerySet":
        """Return the public claims in the order of their primary keys, for reading all of them."""
        claims = self.alias(unindexed_stage=WithoutIndex("stage"))
        return claims.filter(unindexed_stage__in=PUBLIC_STAGES).order_by("pk")

    def for_list(self, *more: str) -> Any:
        """Return the columns of a list, and `more`, as named tuples."""
        return self.values_list(*LIST_COLUMNS, *more, named=True)

    def touch(self) -> None:
        """Set `updated_at` because a related record changed. The claims' history gets no entry."""
        self.update(updated_at=timezone.now())

    def newest(self) -> "ClaimQuerySet":
        return self.order_by("-newest_day", "-id")

    def in_reading_order(self) -> "ClaimQuerySet":
        """Order claims by their position in the article."""
        return self.order_by(
            F("paragraph").asc(nulls_last=True), F("start").asc(nulls_last=True), "id"
        )

    def citing(self, outlet: Any) -> "ClaimQuerySet":
        return self.filter(pk__in=outlet.citations.order_by().values("claim"))
