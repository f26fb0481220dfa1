"""A form that is sent twice makes one record: after a double click, or Back and Save.

The page of each form that adds something carries a random key. What the form makes and its
`Submission` are written in one transaction. The second sending waits at the unique key until the
first has ended, and then leads to what that one made.
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

from factcheck.http.form_recovery import CSRF, DRAFT, PREVIEW, READ_AGAIN, SUBMISSION, given_back
from factcheck.models import Submission

View = Callable[..., HttpResponse]
KEY = re.compile(r"[\w-]{16,40}")
# The browser reads here which of its drafts were saved.
COOKIE = "saved_drafts"
_MOST_TOLD = 8
# Buttons that save the same.
_SAVES = {"_save", "_continue", "_addanother"}


def once(view: View) -> View:
    """Let a view of the admin save each form that carries a key once."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get(SUBMISSION, "") if request.method == "POST" else ""
        if not KEY.fullmatch(key) or {PREVIEW, READ_AGAIN} & set(request.POST):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            submission = _first(request, key)
            if submission:
                response = view(request, *args, **kwargs)
                if is_saved(response):
                    _note(request, submission, response)
                else:
                    # The form is shown again, with what is wrong in it: its key is still unused.
                    transaction.set_rollback(True)
                return response
        first = Submission.objects.get(key=key)
        if first.digest != _digest(request) and not _adds(request):
            # An article's import adds only what is new: it may be changed and sent again.
            return view(request, *args, **kwargs)
        return _again(request, first)

    return answer


def is_saved(response: Any) -> bool:
    """Return whether an answer of the admin says that a form was saved."""
    return 300 <= response.status_code < 400 or bool(_popup(response))


def tell_browser(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Name the draft that was saved to the browser, which may then forget it."""
    draft = request.POST.get(DRAFT, "") if request.method == "POST" else ""
    if KEY.fullmatch(draft) and is_saved(response):
        before = [one for one in request.COOKIES.get(COOKIE, "").split(".") if KEY.fullmatch(one)]
        saved = ".".join([*before, draft][-_MOST_TOLD:])
        # Not for the server: a script of the next page reads it and takes it away.
        response.set_cookie(
            COOKIE, saved, max_age=86400, secure=request.is_secure(), samesite="Lax"
        )
    return response


def _first(request: HttpRequest, key: str) -> Submission | None:
    """Return the submission of a form that is sent for the first time."""
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
    """Return what two forms share that say the same."""
    left_out = {CSRF, SUBMISSION, DRAFT, *_SAVES}
    said = sorted((n, v) for n, values in request.POST.lists() if n not in left_out for v in values)
    files = sorted((name, str(file)) for name, file in request.FILES.items())
    return hashlib.sha256(repr((said, files)).encode("utf-8", "replace")).hexdigest()


def _note(request: HttpRequest, submission: Submission, response: Any) -> None:
    """Keep where the saved record is found."""
    submission.popup = _popup(response)
    submission.address = response.get("Location", "")
    if _adds(request):
        # The admin's own log knows what this form has made.
        entries = LogEntry.objects.filter(user=request.user, action_flag=ADDITION)  # type: ignore[misc]
        if entry := entries.order_by("-pk").first():
            submission.address = entry.get_admin_url() or submission.address
            submission.name = entry.object_repr
    submission.save()
    Submission.objects.prune()


def _adds(request: HttpRequest) -> bool:
    """Return whether this is the admin's page that adds a record."""
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_add")


def _popup(response: Any) -> str:
    """Return what a pop-up window of the admin tells the window that opened it."""
    is_template = isinstance(response, SimpleTemplateResponse)
    data = (response.context_data or {}).get("popup_response_data") if is_template else None
    return str(data or "")


def _again(request: HttpRequest, first: Submission) -> HttpResponse:
    """Answer a form that was saved before."""
    if first.digest == _digest(request):
        if first.popup:
            data = {"popup_response_data": first.popup}
            return TemplateResponse(request, "admin/popup_response.html", data)
        record = format_html('<a href="{}">{}</a>', first.address, first.name or _("the result"))
        messages.info(request, format_html(_("This was saved already: {}"), record))
        return HttpResponseRedirect(first.address)
    saved_at = date_format(localtime(first.created_at), "H:i")
    return given_back(
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


def key_of(request: HttpRequest) -> str:
    """Return the key of a page's form: of one that is shown again, the same."""
    key = request.POST.get(SUBMISSION, "") if request.method == "POST" else ""
    return key if KEY.fullmatch(key) else new_key()


def new_key() -> str:
    """Return a random key for one form."""
    return secrets.token_urlsafe(18)
