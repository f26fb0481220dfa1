"""The query strings of the lists of citations and of verifications."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.utils.translation import gettext_lazy

from factcheck import change_log
from factcheck.filters.base import ListFilter
from factcheck.filters.fields import Codes, Days, LastDays, Rows
from factcheck.models import Claim, Outlet, Role, Stage, Stance, Status, VerificationKind
from factcheck.models.claims import PUBLIC
from factcheck.queries.pagination import Sort

# By the slug, not by the row: whether there is such a draft is nobody's business.
_SLUG = r"[-a-zA-Z0-9_]{1,120}"


# By query and state of the data.
_counts: dict[tuple[Any, ...], int] = {}
_MOST_COUNTS = 1_000


class _Counted(ListFilter):
    """A list of so many rows that they are counted once for a state of the data."""

    # Of claims that the list leaves out.
    hidden: Collection[Stage] = ()

    @property
    def total(self) -> int:
        try:
            key = (*self.qs.query.sql_with_params(), change_log.version())
        except EmptyResultSet:
            return 0
        if key not in _counts:
            if len(_counts) >= _MOST_COUNTS:
                _counts.clear()
            # Most claims are seen: they are not asked one by one, but those that are not.
            every = self.filter_queryset(self.queryset.model.objects.order_by())
            out = Claim.objects.filter(stage__in=self.hidden).order_by().values("pk")
            _counts[key] = every.count() - every.filter(claim__in=out).count()
        return _counts[key]


def forget() -> None:
    """Drop what this process counted: for tests, which take writes back."""
    _counts.clear()


class CitationFilter(_Counted):
    """The query string of the citations of published claims."""

    hidden = set(Stage) - {Stage.PUBLISHED}
    sorts = {"newest": Sort("newest", ("id",))}
    q = None

    claim = Codes("claim__slug", _SLUG, label=gettext_lazy("Claim"))
    outlet = Rows("outlet", model=Outlet, label=gettext_lazy("Outlet"))
    stance = Codes("stance", Stance.values, label=gettext_lazy("Stance"))
    role = Codes("role", Role.values, label=gettext_lazy("Role"))
    cited_after = LastDays("published_on", "gte", label=gettext_lazy("Reported on or after"))
    cited_before = Days("published_on", "lte", label=gettext_lazy("Reported on or before"))


class VerificationFilter(_Counted):
    """The query string of the log, as far as it is about public claims."""

    hidden = set(Stage) - set(PUBLIC)
    sorts = {"newest": Sort("newest", ("number",))}
    q = None

    claim = Codes("claim__slug", _SLUG, label=gettext_lazy("Claim"))
    publisher = Rows("publisher", model=Outlet, label=gettext_lazy("Publisher"))
    status = Codes("status", Status.values, label=gettext_lazy("Status"))
    kind = Codes("kind", VerificationKind.values, label=gettext_lazy("Kind"))
    reviewed_after = Days("reviewed_on", "gte", label=gettext_lazy("Reviewed on or after"))
    reviewed_before = Days("reviewed_on", "lte", label=gettext_lazy("Reviewed on or before"))
