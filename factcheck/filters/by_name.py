"""The query strings of the lists that have no filter but a search by name."""

from typing import Any

from factcheck.filters.base import ListFilter
from factcheck.queries.pagination import Sort


class _NameFilter(ListFilter):
    """Searches some fields for the words that were typed."""

    sorts = {"name": Sort("name", ("sort_name", "id"), descending=False)}
    searched_fields: tuple[str, ...] = ("name",)

    def filter_queryset(self, queryset: Any) -> Any:
        return (
            super()
            .filter_queryset(queryset)
            .name_contains(self.cleaned.get("q", ""), *self.searched_fields)
        )


class ArticleFilter(_NameFilter):
    """The query string of the articles list."""

    searched_fields = ("title", "author")


class ClaimantFilter(_NameFilter):
    """The query string of the claimants list."""

    searched_fields = ("name", "native_name", "role")


class OwnerFilter(_NameFilter):
    """The query string of the owners list."""


class TopicFilter(_NameFilter):
    """The query string of the topics list."""
