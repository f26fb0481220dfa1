"""The page that documents the API: every operation, with a command that tries it."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse

from factcheck.absolute_urls import absolute_url
from factcheck.api import resources, schema
from factcheck.exports.claimreview import for_script
from factcheck.exports.dataset import dataset

# Query strings that show what a list can do.
_SAMPLE_QUERIES = {
    "claim": {"status": "unverified", "basis": "single_family", "sort": "most_cited"},
    "outlet": {"control": "state", "sort": "most_cited"},
    "citation": {"stance": "disputes", "cited_after": "2021-08-15"},
    "verification": {"kind": "finding"},
}
_SAMPLE_BODIES = {
    "claim-create": '{"text": "The border was closed.", "claimed_on": "2021-08-16"}',
    "claim-cite": '{"outlet": "tengrinews.kz", "date_text": "2021-08-16"}',
}


def page(request: HttpRequest) -> TemplateResponse:
    document = schema.document()
    keys = {resource.noun: _sample_key(resource) for resource in resources.RESOURCES}
    operations = [
        _operation(path, method, operation, keys)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    context = {
        "operations": operations,
        "rate": settings.FACTCHECK_API_RATE,
        "dataset": for_script(dataset()),
        "search": absolute_url("/v1alpha1/claims:search?query="),
    }
    return TemplateResponse(request, "factcheck/api.html", context)


def _sample_key(resource: Any) -> str:
    """Return the key of an existing row, for an address that can be tried."""
    rows = resource().rows().order_by().values_list(resource.lookup_field, flat=True)
    return str(next(iter(rows[:1]), "…"))


def _operation(path: str, method: str, operation: dict[str, Any], keys: dict[str, str]) -> Any:
    name, action = operation["operationId"].split("-", 1)
    address = absolute_url(path.replace("{key}", keys[name]))
    if action == "list" and (query := _SAMPLE_QUERIES.get(name)):
        address += f"?{urlencode(query)}"
    body = _SAMPLE_BODIES.get(operation["operationId"])
    options = f" -H 'Authorization: Bearer TOKEN' --json '{body}'" if body else ""
    return {
        "method": method.upper(),
        "path": path,
        "id": operation["operationId"],
        "summary": operation["summary"],
        "curl": f"curl{options} '{address}'",
        "parameters": [
            parameter for parameter in operation.get("parameters", ()) if parameter["in"] == "query"
        ],
    }
