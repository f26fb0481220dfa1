"""The preview of a claim: its public page as it would be if its form were saved now.

The form is saved, the claim is published, its page is rendered, and all of it is rolled back. So
the page is exactly what it would be, with every count and status that the database derives.
"""

from contextlib import suppress
from copy import copy
from typing import Any

from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import resolve

from factcheck import editing
from factcheck.forms.form_errors import mistakes
from factcheck.http.form_recovery import PREVIEW
from factcheck.models import Claim, Stage


class PublishedPreviewMixin:
    """Answers a claim's form that was sent by the button named `PREVIEW`."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if PREVIEW not in request.POST:
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        with transaction.atomic():
            response = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
            transaction.set_rollback(True)
        # Drop the messages about changes that were rolled back.
        list(get_messages(request))
        if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
            form_context = response.context_data or {}
            errors = mistakes(form_context["adminform"], form_context["inline_admin_formsets"])
            context = {"errors": [str(error) for error in errors]}
            return TemplateResponse(request, "admin/factcheck/claim/no_preview.html", context)
        return response

    def response_add(self, request: HttpRequest, obj: Claim, *args: Any) -> HttpResponse:
        if PREVIEW in request.POST:
            return _public_page(request, obj)
        return super().response_add(request, obj, *args)  # type: ignore[misc]

    def response_change(self, request: HttpRequest, obj: Claim) -> HttpResponse:
        if PREVIEW in request.POST:
            return _public_page(request, obj)
        return super().response_change(request, obj)  # type: ignore[misc]


def _public_page(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Return the claim's public page; if it could not be published, the page says so.

    An open finding is shown as if it were approved, if this editor may approve it.
    """
    if proposal := claim.proposals.open().first():
        user: Any = request.user
        with suppress(ValidationError, PermissionDenied):
            editing.approve(proposal=proposal, by=user, clock_checked=True)
    claim = Claim.objects.get(pk=claim.pk)
    if not claim.is_public:
        with suppress(ValidationError):
            editing.check_publishable(claim)
            claim.stage = Stage.PUBLISHED
            claim.save()
    path = claim.get_absolute_url()
    reader_request = copy(request)
    reader_request.method, reader_request.path, reader_request.path_info = "GET", path, path
    reader_request.GET = QueryDict()
    reader_request.META = {**request.META, "QUERY_STRING": "", "HTTP_ACCEPT_ENCODING": ""}
    view, args, kwargs = reader_request.resolver_match = resolve(path)
    response = view(reader_request, *args, **kwargs)
    return response.render() if isinstance(response, SimpleTemplateResponse) else response
