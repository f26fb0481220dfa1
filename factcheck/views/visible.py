"""Access to the pages of records: public ones for everybody, others for editors."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404


def visible_or_404(request: HttpRequest, rows: QuerySet[Any], slug: str) -> Any:
    """Return the record with this slug if it is public, or if an editor asks; else raise Http404.

    A merged record, whose address leads to the one that took over, is as public as that one.
    """
    row = get_object_or_404(rows, slug=slug)
    target_id = getattr(row, "merged_into_id", None) or row.pk
    if type(row).objects.public().filter(pk=target_id).exists():
        return row
    # The user is read only for a record that is not public: public pages start no session.
    if request.user.has_perm(f"factcheck.view_{row._meta.model_name}"):
        return row
    raise Http404
