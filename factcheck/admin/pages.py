"""Functions for the admin's own pages: rendering, addresses and messages."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# More digits than any row's number has.
_MAX_DIGITS = 18


def render_page(
    model_admin: Any, request: HttpRequest, template: str, *, title: Any, **context: Any
) -> TemplateResponse:
    """Render a page of the admin that belongs to a model."""
    return TemplateResponse(
        request,
        f"admin/factcheck/{template}",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.model._meta,
            "title": title,
            **context,
        },
    )


def form_url(row: Model) -> str:
    """Return the address of a row's form."""
    return reverse(f"admin:factcheck_{row._meta.model_name}_change", args=[row.pk])


def list_url(model: type[Model], query: str = "") -> str:
    """Return the address of the list of a model, with a query string."""
    page = reverse(f"admin:factcheck_{model._meta.model_name}_changelist")
    return f"{page}?{query}" if query else page


def parse_ids(text: str) -> list[int]:
    """Return the row numbers in a text, separated by commas; other parts are left out."""
    return [int(part) for part in text.split(",") if part.isdecimal() and len(part) <= _MAX_DIGITS]


def digest_of(shown: Any) -> str:
    """Return a digest of what a page shows: it tells whether that has changed since."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def call_and_report(
    request: HttpRequest,
    done: str | Callable[[Any], str],
    function: Callable[..., Any],
    **arguments: Any,
) -> bool:
    """Call a function of `editing` for the user and report the outcome; return its success.

    `done` is the message for success, or makes it of what the function returns. If it names the
    claim among the arguments, an error names that claim, too.
    """
    claim = arguments.get("claim")
    is_named = claim is not None and str(claim) in str(done)
    prefix = f"{_('“%(label)s”') % {'label': claim}}: " if is_named else ""
    try:
        result = function(by=request.user, **arguments)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, f"{prefix}{message}")
    except PermissionDenied as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done(result) if callable(done) else done)
        return True
    return False
