"""Gives a form back that was not saved: a page with all that was typed, to be sent again.

It works without a script. What was posted stands in hidden fields beside a fresh CSRF token. The
page never sends itself, and it says what it would send: somebody has to read and press the button.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# Fields of forms of the admin: the key of a form that is saved once, that of the browser's draft,
# and the buttons that only look; and the one that imports an article.
SUBMISSION, DRAFT = "_submission", "_draft"
PREVIEW, READ_AGAIN, IMPORT = "_preview", "_read", "_import"
CSRF = "csrfmiddlewaretoken"
# Characters of all fields together: as many as Django takes bytes of a form without files.
_MOST = 2_500_000
# What a person did not type.
_UNTOLD = re.compile(r"_submission|_draft|as_seen|digest|was|initial-.*|.*-id|.*-[A-Z_]+_FORMS")
_INLINE = re.compile(r"(?P<rows>[a-z_]+)-(?P<place>\d+)-(?P<name>.+)")

Field = tuple[str, str]


def given_back(
    request: HttpRequest, *, status: int, title: str, text: str, **more: Any
) -> HttpResponse:
    """Return a page that says what is wrong and, where it can, gives the posted form back.

    `more` goes to the template: `steps` to take first, `log_in` if the reader has to, `record`
    with an address and a name, a `fresh` key of the form.
    """
    fields = carried(request)
    context = {"status": status, "title": title, "text": text, **more}
    template = "factcheck/error.html"
    if fields is not None:
        template = "factcheck/resend.html"
        names = {name for name, _value in fields}
        context |= {
            "address": request.get_full_path(),
            "fields": [field for field in fields if not (more.get("fresh") and _is_key(field))],
            "told": list(_told(request, fields)),
            "has_file": bool(request.FILES),
            "has_password": any(_is_password(name) for name in request.POST if name not in names),
        }
    response = TemplateResponse(request, template, context, status=status)
    add_never_cache_headers(response)
    return response.render()


def carried(request: HttpRequest) -> list[Field] | None:
    """Return the fields of a posted form of the admin, or None if there is nothing to give back.

    Files cannot be carried by a page, passwords and tokens shall not.
    """
    is_ours = request.path.startswith(reverse("admin:index"))
    if request.method != "POST" or not is_ours or request.path == reverse("admin:login"):
        return None
    try:
        posted = list(request.POST.lists())
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return None
    fields = [
        (name, str(value))
        for name, values in posted
        for value in values
        if name != CSRF and not _is_password(name)
    ]
    is_short = sum(len(name) + len(value) for name, value in fields) <= _MOST
    return fields if is_short and PREVIEW not in request.POST else None


def is_from_here(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of ours sent this.

    What another site made the browser send is never given back: its fields are not the reader's.
    """
    sender = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
    own = request.build_absolute_uri("/").rstrip("/")
    return f"{sender.scheme}://{sender.netloc}" in {own, *settings.CSRF_TRUSTED_ORIGINS}


def log_in_first(request: HttpRequest) -> HttpResponse:
    """Answer a form that was sent by somebody who is not logged in any more."""
    return given_back(
        request,
        status=403,
        title=_("You are not logged in"),
        text=_("Nothing was saved: your log-in has ended, or you have logged out in another tab."),
        log_in=True,
    )


def _is_password(name: str) -> bool:
    return "password" in name.lower()


def _is_key(field: Field) -> bool:
    return field[0] == SUBMISSION


def _told(request: HttpRequest, fields: list[Field]) -> Iterator[Field]:
    """Yield what would be sent, in the words of the form."""
    model = _model(request)
    for name, value in fields:
        if value.strip() and not _UNTOLD.fullmatch(name):
            yield _label(model, name), "✓" if value == "on" else value


def _model(request: HttpRequest) -> Any:
    """Return the model whose page of the admin was asked for, by the name of its address."""
    match = request.resolver_match
    app, _sep, rest = (match.url_name or "" if match else "").partition("_")
    try:
        return apps.get_model(app, rest.partition("_")[0])
    except LookupError:
        return None


def _label(model: Any, name: str) -> str:
    if name.startswith("_"):
        return _("Button")
    inline = _INLINE.fullmatch(name)
    if inline and (related := _related(model, inline["rows"])) is not None:
        what = f"{capfirst(str(related._meta.verbose_name))} {int(inline['place']) + 1}"
        return f"{what}: {_label(related, inline['name'])}"
    try:
        label = str(model._meta.get_field(name).verbose_name)
    except (AttributeError, FieldDoesNotExist):
        label = name.replace("_", " ").replace("-", " ")
    return capfirst(label)


def _related(model: Any, rows: str) -> Any:
    try:
        return model._meta.get_field(rows).related_model
    except (AttributeError, FieldDoesNotExist):
        return None
