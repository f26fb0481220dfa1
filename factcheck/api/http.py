"""HTTP for the API: JSON in and out, problem documents, tokens, a rate limit for each client."""

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
_MAX_BODY = 1 << 20


def to_json(data: Any) -> bytes:
    """Return JSON; times are in UTC."""
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class JsonRenderer(BaseRenderer):
    media_type = JSON
    format = "json"
    charset = None

    def render(self, data: Any, *args: Any) -> bytes:
        return b"" if data is None else to_json(data)


class JsonNegotiation(DefaultContentNegotiation):
    """Chooses JSON, whatever a browser asks for."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], JSON


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class JsonParser(BaseParser):
    """Reads JSON in UTF-8, of limited size; orjson limits its depth and rejects surrogates."""

    media_type = JSON

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        body = stream.read(_MAX_BODY + 1)
        if len(body) > _MAX_BODY:
            raise TooLarge(_("Send at most 1 MiB."))
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(_("This is not JSON: %s") % error) from error


class BearerAuthentication(TokenAuthentication):
    """Accepts an editor's token, `Authorization: Bearer …`, but no browser's session."""

    keyword = "Bearer"


class ClientThrottle(SimpleRateThrottle):
    """Limits the requests of an address, or of the user of a token."""

    scope = "api"

    def get_rate(self) -> str | None:
        return settings.FACTCHECK_API_RATE or None

    def get_cache_key(self, request: Any, view: Any) -> str:
        user = request.user
        client = f"user-{user.pk}" if user.is_authenticated else client_address(request)
        return self.cache_format % {"scope": self.scope, "ident": client}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return an error as a problem document; None for an error of the server."""
    if isinstance(error, ValidationError):
        is_by_field = hasattr(error, "error_dict")
        error = exceptions.ValidationError(error.message_dict if is_by_field else error.messages)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    response = exception_handler(error, context)
    if response is None:
        return None
    data, status = response.data, HTTPStatus(response.status_code)
    problem: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    if isinstance(error, exceptions.ValidationError):
        errors = data if isinstance(data, dict) else {"": data}
        problem |= {"detail": _("See `errors`, by field."), "errors": errors}
    else:
        problem["detail"] = data["detail"]
    response.data, response.content_type = problem, PROBLEM
    return response


class ApiViewMixin:
    """The settings that all views of the API share."""

    authentication_classes = (BearerAuthentication,)
    permission_classes = ()
    throttle_classes = (ClientThrottle,)
    parser_classes = (JsonParser,)
    renderer_classes = (JsonRenderer,)
    content_negotiation_class = JsonNegotiation
    metadata_class = None

    def get_exception_handler(self) -> Any:
        return problem_response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer without a body: the header `Allow` lists the methods."""
        return Response(None, status=HTTPStatus.NO_CONTENT)
