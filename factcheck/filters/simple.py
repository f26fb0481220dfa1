"""The query strings of the lists that are searched by name alone."""

from typing import Any

from factcheck.filters.base import ListFilter
from factcheck.queries.pagination import Sort


class _NamedFilter(ListFilter):
    sorts = {"name": Sort("name", ("sort_name", "id"), descending=False)}
    # What a word that was typed may stand in.
    worded: tuple[str, ...] = ("name",)

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset).worded(self.chosen.get("q", ""), *self.worded)


class ArticleFilter(_NamedFilter):
    """The query string of the articles list."""

    worded = ("title", "author")


class ClaimantFilter(_NamedFilter):
    """The query string of the claimants list."""

    worded = ("name", "native_name", "role")


class OwnerFilter(_NamedFilter):
    """The query string of the owners list."""


class TopicFilter(_NamedFilter):
    """The query string of the topics list."""
