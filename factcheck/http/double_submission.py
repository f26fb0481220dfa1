"""Makes saving a form idempotent: a double click, or Back and Save, saves it once.

The page of each form that adds a record holds a random key (an idempotency key). The record and its
`Submission` are written in one transaction. A second request waits for the unique key until the
first has ended, and then redirects to the record that the first has made.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from factcheck.http.form_recovery import (
    CSRF,
    DRAFT,
    PREVIEW,
    READ_AGAIN,
    SUBMISSION,
    resend_page,
)
from factcheck.models import Submission

View = Callable[..., HttpResponse]
KEY = re.compile(r"[\w-]{16,40}")
# Lists the drafts that were saved, for the browser to delete.
COOKIE = "saved_drafts"
_MAX_DRAFTS = 8
# Buttons that save the same record.
_SAVE_BUTTONS = {"_save", "_continue", "_addanother"}


def save_once(view: View) -> View:
    """Make a view of the admin save each form with a key only once."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get(SUBMISSION, "") if request.method == "POST" else ""
        if not KEY.fullmatch(key) or {PREVIEW, READ_AGAIN} & set(request.POST):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            submission = _create_submission(request, key)
            if submission:
                response = view(request, *args, **kwargs)
                if was_saved(response):
                    _store_record(request, submission, response)
                else:
                    # The form is shown again, with its errors: its key is still unused.
                    transaction.set_rollback(True)
                return response
        first = Submission.objects.get(key=key)
        if first.digest != _digest(request) and not _is_add_page(request):
            # An article's import is idempotent: it may be changed and sent again.
            return view(request, *args, **kwargs)
        return _answer_repeat(request, first)

    return guarded


def was_saved(response: Any) -> bool:
    """Return whether a response of the admin means that a form was saved."""
    return 300 <= response.status_code < 400 or bool(_popup(response))


def set_saved_drafts_cookie(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add the saved draft to a cookie, so that a script can delete it in the browser."""
    draft = request.POST.get(DRAFT, "") if request.method == "POST" else ""
    if KEY.fullmatch(draft) and was_saved(response):
        before = [key for key in request.COOKIES.get(COOKIE, "").split(".") if KEY.fullmatch(key)]
        saved = ".".join([*before, draft][-_MAX_DRAFTS:])
        # A script of the next page reads and deletes it.
        response.set_cookie(
            COOKIE, saved, max_age=86400, secure=request.is_secure(), samesite="Lax"
        )
    return response


def _create_submission(request: HttpRequest, key: str) -> Submission | None:
    """Store a form's key; return None if the form was sent before."""
    try:
        with transaction.atomic():
            return Submission.objects.create(
                key=key,
                user=request.user,  # type: ignore[misc]
                digest=_digest(request),
            )
    except IntegrityError:
        return None


def _digest(request: HttpRequest) -> str:
    """Return a digest of a form's content: two forms with the same content have the same one."""
    excluded = {CSRF, SUBMISSION, DRAFT, *_SAVE_BUTTONS}
    fields = sorted(
        (name, value)
        for name, values in request.POST.lists()
        if name not in excluded
        for value in values
    )
    files = sorted((name, str(file)) for name, file in request.FILES.items())
    return hashlib.sha256(repr((fields, files)).encode("utf-8", "replace")).hexdigest()


def _store_record(request: HttpRequest, submission: Submission, response: Any) -> None:
    """Store the address and name of the saved record."""
    submission.popup = _popup(response)
    submission.address = response.get("Location", "")
    if _is_add_page(request):
        # The admin's own log names the new record.
        entries = LogEntry.objects.filter(user=request.user, action_flag=ADDITION)  # type: ignore[misc]
        if entry := entries.order_by("-pk").first():
            submission.address = entry.get_admin_url() or submission.address
            submission.name = entry.object_repr
    submission.save()
    Submission.objects.prune()


def _is_add_page(request: HttpRequest) -> bool:
    """Return whether this is an admin page that adds a record."""
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_add")


def _popup(response: Any) -> str:
    """Return the data that a pop-up window of the admin passes to the window that opened it."""
    is_template = isinstance(response, SimpleTemplateResponse)
    data = (response.context_data or {}).get("popup_response_data") if is_template else None
    return str(data or "")


def _answer_repeat(request: HttpRequest, first: Submission) -> HttpResponse:
    """Answer a form that was sent and saved before."""
    if first.digest == _digest(request):
        if first.popup:
            data = {"popup_response_data": first.popup}
            return TemplateResponse(request, "admin/popup_response.html", data)
        record = format_html('<a href="{}">{}</a>', first.address, first.name or _("the result"))
        messages.info(request, format_html(_("This was saved already: {}"), record))
        return HttpResponseRedirect(first.address)
    saved_at = date_format(localtime(first.created_at), "H:i")
    return resend_page(
        request,
        status=409,
        title=_("This form was saved already"),
        text=_(
            "It was saved at %(time)s, and what you have sent now differs from that. To change the"
            " saved record, open it and copy your new text from below. To keep both, save this as"
            " a new record."
        )
        % {"time": saved_at},
        record=first,
        fresh=new_key(),
    )


def submission_key(request: HttpRequest) -> str:
    """Return the key of a page's form; a form that is shown again keeps its key."""
    key = request.POST.get(SUBMISSION, "") if request.method == "POST" else ""
    return key if KEY.fullmatch(key) else new_key()


def new_key() -> str:
    """Return a random key for one form."""
    return secrets.token_urlsafe(18)
