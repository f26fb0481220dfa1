"""The OpenAPI description: parameters from the filters, errors for every operation."""

import inspect
from functools import lru_cache
from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from factcheck.api import http
from factcheck.api.drafts import CitationDraft, ClaimDraft
from factcheck.api.resources import Claims, MergeableResource
from factcheck.api.serializers import ClaimInList, page_of_rows
from factcheck.filters import Codes, ListFilter, ManyField
from factcheck.queries.pagination import PAGE_SIZES

_ERRORS = {
    400: _("Something in the query string or the body is wrong; `errors` says what, by field."),
    401: _("There is no such token, or one is needed."),
    403: _("The role of whoever has the token does not allow this."),
    404: _("There is no such row that you may see."),
    413: _("The body is larger than 1 MiB."),
    415: _("The body is not `application/json`."),
    429: _("Too many requests; `Retry-After` says how many seconds to wait."),
}
_MOVED = _("The row was merged into another; `Location` leads there.")


class Problem(serializers.Serializer):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(required=False, help_text=_("Messages, by field."))


def problems(*codes: int) -> dict[Any, Any]:
    return {
        (code, http.PROBLEM): OpenApiResponse(Problem, description=str(_ERRORS[code]))
        for code in sorted({401, 429, *codes})
    }


def parameters(filter_class: type[ListFilter]) -> list[OpenApiParameter]:
    """Return the query string of a list as parameters."""
    filters = [
        _parameter(name, filter_)
        for name, filter_ in filter_class.base_filters.items()
        if name not in filter_class.unfiltered_params
    ]
    order = {"type": "string", "enum": [*filter_class.sorts, ""]}
    size = _or_none({"type": "integer", "enum": list(PAGE_SIZES)})
    text = {"type": "string"}
    return [
        *filters,
        _query("sort", order, _("The order; the first is the default.")),
        _query("page_size", size, _("How many rows a page holds.")),
        _query("after", text, _("The cursor of the next page, from `next`.")),
        _query("before", text, _("The cursor of the previous page, from `previous`.")),
    ]


def _parameter(name: str, filter_: django_filters.Filter) -> OpenApiParameter:
    field = filter_.field
    schema: dict[str, Any] = {"type": "string"}
    if isinstance(filter_, Codes) and filter_.codes:
        schema["enum"] = [*filter_.codes, ""]
    elif isinstance(filter_, Codes):
        schema["pattern"] = f"^(?:{filter_.pattern})?$"
    if isinstance(field, ManyField):
        schema = {"type": "array", "items": schema}
    elif isinstance(field, forms.DateField):
        schema = _or_none({"type": "string", "format": "date"})
    elif isinstance(field, forms.IntegerField):
        schema = _or_none(
            {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}
        )
    elif isinstance(field, forms.CharField) and field.max_length:
        schema["maxLength"] = field.max_length
    return _query(name, schema, filter_.label)


_EMPTY = {"type": "string", "maxLength": 0}


def _or_none(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that also allows an empty value."""
    return {"anyOf": [schema, _EMPTY]}


def any_of(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Replace `oneOf` by `anyOf` for fields that may be empty: a hook of drf-spectacular.

    An empty text matches both of its schemas, which `oneOf` forbids.
    """
    for schema in result["components"]["schemas"].values():
        fields = schema.get("properties", {})
        for name, field in fields.items():
            if _EMPTY in field.get("oneOf", ()):
                remaining = {key: value for key, value in field.items() if key != "oneOf"}
                fields[name] = {**remaining, "anyOf": field["oneOf"]}
    return result


def _query(name: str, schema: dict[str, Any], description: Any) -> OpenApiParameter:
    is_list = schema.get("type") == "array"
    return OpenApiParameter(
        name,
        schema,
        description=str(description),
        explode=is_list or None,
        style="form" if is_list else None,
    )


_EXPAND = _query(
    "expand",
    {"type": "array", "items": {"type": "string", "enum": [*Claims.EXPANDED, ""]}},
    _("What else each claim of the list carries."),
)
_REQUESTS = {"create": ClaimDraft, "cite": CitationDraft}
# The names that client libraries use.
_OPERATIONS = {"index": "list", "show": "retrieve"}
_SUMMARIES = {
    "index": _("List %s"),
    "show": _("One of %s"),
    "create": _("Draft a claim"),
    "cite": _("Add a citation to a claim"),
}


class Schema(AutoSchema):
    """Describes what drf-spectacular cannot see by itself of a `Resource`."""

    def get_operation_id(self) -> str:
        return f"{self.view.noun}-{_OPERATIONS.get(self.view.action, self.view.action)}"

    def get_summary(self) -> str:
        summary = str(_SUMMARIES[self.view.action])
        return summary % f"{self.view.noun}s" if "%s" in summary else summary

    def get_description(self) -> str:
        return inspect.getdoc(type(self.view)) or ""

    def get_tags(self) -> list[str]:
        return [f"{self.view.noun}s"]

    def get_override_parameters(self) -> list[Any]:
        if self.view.action == "index":
            query = parameters(self.view.filter_class)
            return [*query, _EXPAND] if isinstance(self.view, Claims) else query
        if self.view.action == "create":
            return []
        return [_KEY[self.view.lookup_field]]

    def get_request_serializer(self) -> Any:
        return _REQUESTS.get(self.view.action)

    def get_response_serializers(self) -> Any:
        view, action = self.view, self.view.action
        if action == "index":
            row = ClaimInList if isinstance(view, Claims) else view.row_serializer
            return {(200, http.JSON): page_of_rows(row), **problems(400)}
        if action == "show":
            moved = {301: OpenApiResponse(description=str(_MOVED))}
            return {
                (200, http.JSON): view.detail_serializer,
                **(moved if isinstance(view, MergeableResource) else {}),
                **problems(404),
            }
        missing = (404,) if action == "cite" else ()
        return {(201, http.JSON): view.detail_serializer, **problems(400, 403, 413, 415, *missing)}

    def get_auth(self) -> list[dict[str, Any]]:
        token: list[dict[str, Any]] = super().get_auth()
        # Readers may use a token, but need none.
        return token if self.method == "POST" else [*token, {}]


_KEY = {
    name: OpenApiParameter("key", schema, "path", description=str(description))
    for name, schema, description in (
        ("slug", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}, _("The row's slug.")),
        ("number", {"type": "integer", "minimum": 1}, _("The number in the log.")),
        ("ref", {"type": "string", "minLength": 1}, _("The citation's reference.")),
    )
}


@lru_cache(1)
def document() -> dict[str, Any]:
    """Return the API's description, OpenAPI 3.1."""
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    document: dict[str, Any] = generator.get_schema(request=None, public=True)
    return {**document, "servers": [{"url": "/"}]}


def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(http.to_json(document()), content_type=http.OPENAPI)
