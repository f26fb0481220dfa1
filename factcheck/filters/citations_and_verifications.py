"""The query strings of the lists of citations and of verifications."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.utils.translation import gettext_lazy

from factcheck import data_version
from factcheck.caches import clears_cache
from factcheck.filters.base import ListFilter
from factcheck.filters.fields import Codes, Days, LastDays, Rows
from factcheck.models import Claim, Outlet, Role, Stage, Stance, Status, VerificationKind
from factcheck.models.stages import PUBLIC_STAGES
from factcheck.queries.pagination import Sort

# Claims are named by any slug, not looked up: nobody learns whether there is such a draft.
_SLUG = r"[-a-zA-Z0-9_]{1,120}"

# How many rows a query finds, by its SQL and the version of the data.
_counts: dict[tuple[Any, ...], int] = {}
_COUNTS_CACHE_SIZE = 1_000
clears_cache(_counts.clear)


class _CountedFilter(ListFilter):
    """A list of so many rows that they are counted once for each version of the data."""

    # Rows of claims in these stages are not in the list.
    hidden: Collection[Stage] = ()

    @property
    def total(self) -> int:
        try:
            key = (*self.qs.query.sql_with_params(), data_version.version())
        except EmptyResultSet:
            return 0
        count = _counts.get(key)
        if count is None:
            if len(_counts) >= _COUNTS_CACHE_SIZE:
                _counts.clear()
            # Few claims are hidden, so subtracting theirs is faster than joining every claim.
            rows = self.filter_queryset(self.queryset.model.objects.order_by())
            hidden = Claim.objects.filter(stage__in=self.hidden).order_by().values("pk")
            count = _counts[key] = rows.count() - rows.filter(claim__in=hidden).count()
        return count


class CitationFilter(_CountedFilter):
    """The query string of the citations of published claims."""

    hidden = set(Stage) - {Stage.PUBLISHED}
    sorts = {"newest": Sort("newest", ("id",))}
    q = None

    claim = Codes(_SLUG, field="claim__slug", label=gettext_lazy("Claim"))
    outlet = Rows(Outlet, label=gettext_lazy("Outlet"))
    stance = Codes(Stance, label=gettext_lazy("Stance"))
    role = Codes(Role, label=gettext_lazy("Role"))
    cited_after = LastDays(
        field="published_on", lookup="gte", label=gettext_lazy("Reported on or after")
    )
    cited_before = Days(
        field="published_on", lookup="lte", label=gettext_lazy("Reported on or before")
    )


class VerificationFilter(_CountedFilter):
    """The query string of the log of public claims."""

    hidden = set(Stage) - set(PUBLIC_STAGES)
    sorts = {"newest": Sort("newest", ("number",))}
    q = None

    claim = Codes(_SLUG, field="claim__slug", label=gettext_lazy("Claim"))
    publisher = Rows(Outlet, label=gettext_lazy("Publisher"))
    status = Codes(Status, label=gettext_lazy("Status"))
    kind = Codes(VerificationKind, label=gettext_lazy("Kind"))
    reviewed_after = Days(
        field="reviewed_on", lookup="gte", label=gettext_lazy("Reviewed on or after")
    )
    reviewed_before = Days(
        field="reviewed_on", lookup="lte", label=gettext_lazy("Reviewed on or before")
    )
