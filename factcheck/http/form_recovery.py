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
            # Another language is another page, without what was typed.
            "languages": (),
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
    """Yield what would be sent, in the words of the form; of a row, what differs from an empty one.

    What a number stands for is not looked up: the reader may be a stranger, the database away.
    """
    match = request.resolver_match
    app, _sep, rest = (match.url_name or "" if match else "").partition("_")
    try:
        model: Any = apps.get_model(app, rest.partition("_")[0])
    except LookupError:
        model = None
    for name, value in fields:
        if not value.strip() or _UNTOLD.fullmatch(name):
            continue
        shown = "✓" if value == "on" else value
        inline = _INLINE.fullmatch(name)
        rows = _field(model, inline["rows"]) if inline else None
        if name.startswith("_"):
            yield _("Button"), shown
        elif inline and rows is not None and rows.related_model:
            field = _field(rows.related_model, inline["name"])
            if field is None or str(field.get_default()) != value:
                what = capfirst(str(rows.related_model._meta.verbose_name))
                number = int(inline["place"]) + 1
                yield f"{what} {number}: {_label(field, inline['name'])}", shown
        else:
            yield _label(_field(model, name), name), shown


def _field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except (AttributeError, FieldDoesNotExist):
        return None


def _label(field: Any, name: str) -> str:
    plain = name.replace("_", " ").replace("-", " ")
    return capfirst(str(getattr(field, "verbose_name", plain)))
