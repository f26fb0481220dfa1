"""The page that shows a form that was not saved, so that it can be sent again.

It works without a script: the posted fields are in hidden inputs, with a fresh CSRF token. The page
never submits itself; it lists the fields, and an editor has to press the button.
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

# Fields of the admin's forms: the key of a form that is saved only once, the key of the browser's
# draft, the buttons that save nothing, and the button that imports an article.
SUBMISSION, DRAFT = "_submission", "_draft"
PREVIEW, READ_AGAIN, IMPORT = "_preview", "_read", "_import"
CSRF = "csrfmiddlewaretoken"
# Characters; as many as Django accepts bytes in a form without files.
_MAX_LENGTH = 2_500_000
# Fields that no editor has typed.
_NOT_TYPED_FIELDS = re.compile(
    r"_submission|_draft|seen_state|digest|was|initial-.*|.*-id|.*-[A-Z_]+_FORMS"
)
_INLINE = re.compile(r"(?P<rows>[a-z_]+)-(?P<index>\d+)-(?P<name>.+)")

Field = tuple[str, str]


def resend_page(
    request: HttpRequest, *, status: int, title: str, text: str, **context_values: Any
) -> HttpResponse:
    """Return a page that says what is wrong and shows the posted form again, if there is one.

    `context_values` are for the template: `log_in` if the reader has to log in first, a saved
    `record` with its address and name, or a `fresh` key for the form.
    """
    fields = posted_fields(request)
    context = {"status": status, "title": title, "text": text, **context_values}
    template = "factcheck/error.html"
    if fields is not None:
        template = "factcheck/resend.html"
        names = {name for name, _value in fields}
        context |= {
            "address": request.get_full_path(),
            # The page in another language would not have the posted fields.
            "languages": (),
            "fields": [
                field for field in fields if not (context_values.get("fresh") and _is_key(field))
            ],
            "typed_values": list(_typed_values(request, fields)),
            "has_file": bool(request.FILES),
            "has_password": any(_is_password(name) for name in request.POST if name not in names),
        }
    response = TemplateResponse(request, template, context, status=status)
    add_never_cache_headers(response)
    return response.render()


def posted_fields(request: HttpRequest) -> list[Field] | None:
    """Return the fields of a posted form of the admin; None if it cannot be sent again.

    A page cannot hold files, and must not hold passwords and tokens.
    """
    is_admin = request.path.startswith(reverse("admin:index"))
    if request.method != "POST" or not is_admin or request.path == reverse("admin:login"):
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
    is_short = sum(len(name) + len(value) for name, value in fields) <= _MAX_LENGTH
    return fields if is_short and PREVIEW not in request.POST else None


def is_same_origin(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of this site sent the request.

    Fields that another site made the browser send are never shown: the reader did not type them.
    """
    sender = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
    origin = request.build_absolute_uri("/").rstrip("/")
    return f"{sender.scheme}://{sender.netloc}" in {origin, *settings.CSRF_TRUSTED_ORIGINS}


def log_in_page(request: HttpRequest) -> HttpResponse:
    """Answer a form whose sender is no longer logged in."""
    return resend_page(
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


def _typed_values(request: HttpRequest, fields: list[Field]) -> Iterator[Field]:
    """Yield labels and values that the editor typed; of related rows, only changed ones.

    Ids of records are not resolved: the reader may not be logged in, the database unreachable.
    """
    model = _model_of_page(request)
    for name, value in fields:
        if not value.strip() or _NOT_TYPED_FIELDS.fullmatch(name):
            continue
        text = "✓" if value == "on" else value
        inline = _INLINE.fullmatch(name)
        relation = _model_field(model, inline["rows"]) if inline else None
        if name.startswith("_"):
            yield _("Button"), text
        elif inline and relation is not None and relation.related_model:
            field = _model_field(relation.related_model, inline["name"])
            if field is None or str(field.get_default()) != value:
                row = capfirst(str(relation.related_model._meta.verbose_name))
                number = int(inline["index"]) + 1
                yield f"{row} {number}: {_label(field, inline['name'])}", text
        else:
            yield _label(_model_field(model, name), name), text


def _model_of_page(request: HttpRequest) -> Any:
    """Return the model of an admin page; None if it has none."""
    match = request.resolver_match
    app, _sep, page = (match.url_name or "" if match else "").partition("_")
    try:
        return apps.get_model(app, page.partition("_")[0])
    except LookupError:
        return None


def _model_field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except (AttributeError, FieldDoesNotExist):
        return None


def _label(field: Any, name: str) -> str:
    fallback = name.replace("_", " ").replace("-", " ")
    return capfirst(str(getattr(field, "verbose_name", fallback)))
