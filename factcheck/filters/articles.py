"""The query string of the articles list."""

from factcheck.filters.lists import ListFilter
from factcheck.models.articles import ArticleQuerySet
from factcheck.paging import Sort


class ArticleFilter(ListFilter):
    """The query string of the articles list."""

    sorts = {"name": Sort("name", ("sort_name", "id"), descending=False)}

    def filter_queryset(self, queryset: ArticleQuerySet) -> ArticleQuerySet:
        return queryset.worded(self.chosen.get("q", ""), "title", "author")
