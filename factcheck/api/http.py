"""How the API speaks HTTP: JSON in and out, problem documents, tokens, a limit for each client."""

from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import TokenAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import exception_handler

from factcheck.http.login_lockout import client_address

JSON = "application/json"
PROBLEM = "application/problem+json"
OPENAPI = "application/vnd.oai.openapi+json; version=3.1"
_MOST_SENT = 1 << 20


def dumped(data: Any) -> bytes:
    """Return JSON; moments are in UTC."""
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class Renderer(BaseRenderer):
    media_type = JSON
    format = "json"
    charset = None

    def render(self, data: Any, *args: Any) -> bytes:
        return b"" if data is None else dumped(data)


class Negotiation(DefaultContentNegotiation):
    """There is JSON and nothing else, whatever a browser asks for."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], JSON


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Parser(BaseParser):
    """JSON in UTF-8, of limited size; orjson limits its depth and refuses half a character."""

    media_type = JSON

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        sent = stream.read(_MOST_SENT + 1)
        if len(sent) > _MOST_SENT:
            raise TooLarge(_("Send at most 1 MiB."))
        try:
            return orjson.loads(sent)
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(_("This is not JSON: %s") % error) from error


class Token(TokenAuthentication):
    """An editor's token: `Authorization: Bearer …`. A browser's session opens nothing here."""

    keyword = "Bearer"


class ClientThrottle(SimpleRateThrottle):
    """So many requests a minute from an address, or from whoever a token names."""

    scope = "api"

    def get_rate(self) -> str | None:
        return settings.FACTCHECK_API_RATE or None

    def get_cache_key(self, request: Any, view: Any) -> str:
        user = request.user
        who = f"user-{user.pk}" if user.is_authenticated else client_address(request)
        return self.cache_format % {"scope": self.scope, "ident": who}


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return what went wrong as a problem document; None for what is a fault of ours."""
    if isinstance(error, ValidationError):
        named = hasattr(error, "error_dict")
        error = exceptions.ValidationError(error.message_dict if named else error.messages)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    response = exception_handler(error, context)
    if response is None:
        return None
    said, response.content_type = response.data, PROBLEM
    status = HTTPStatus(response.status_code)
    found: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    if isinstance(error, exceptions.ValidationError):
        errors = said if isinstance(said, dict) else {"": said}
        found |= {"detail": _("See `errors`, by field."), "errors": errors}
    else:
        found["detail"] = said["detail"]
    response.data = found
    return response


class Speaking:
    """What makes a view of the framework one of this API."""

    authentication_classes = (Token,)
    permission_classes = ()
    throttle_classes = (ClientThrottle,)
    parser_classes = (Parser,)
    renderer_classes = (Renderer,)
    content_negotiation_class = Negotiation
    metadata_class = None

    def get_exception_handler(self) -> Any:
        return problem

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer nothing: `Allow` says it, as on every answer."""
        return Response(None, status=HTTPStatus.NO_CONTENT)
