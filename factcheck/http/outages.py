"""Answers requests with 503 while the database is busy or away, and gives typed text back.

A lock that another transaction holds, a server that restarts, a lost connection: the same request
succeeds a minute later. Any other error of the database is our fault and stays 500.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from factcheck.db.engine_errors import COMMIT_LOST, TEMPORARY, Kind, kind_of
from factcheck.http.form_recovery import resend_page

RETRY_AFTER = 30  # seconds
# Seconds that a page waits. A proxy gives up after 60, and one request may wait twice.
LOCK_TIMEOUT, STATEMENT_TIMEOUT, IDLE_TIMEOUT = 10, 120, 60
SQLITE_TIMEOUT = 20


class OutageMiddleware:
    """Answers temporary errors of the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return outage_response(request, error)


def limit_waits() -> None:
    """Limit how long the server waits for the database. Commands, which may run for hours, do not.

    On PostgreSQL, the `options` of DATABASE_URL override these limits.
    """
    database = settings.DATABASES["default"]
    options = database.setdefault("OPTIONS", {})
    if "sqlite" in database["ENGINE"]:
        options["timeout"] = SQLITE_TIMEOUT
    else:
        ours = (
            f"-c lock_timeout={LOCK_TIMEOUT}s -c statement_timeout={STATEMENT_TIMEOUT}s"
            f" -c idle_in_transaction_session_timeout={IDLE_TIMEOUT}s"
        )
        options["options"] = f"{ours} {options.get('options', '')}".strip()


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error means that the database is busy or away for a moment."""
    return _temporary_kind(error) is not None


def outage_response(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return a 503 response to a temporary error; None for any other. Runs no query."""
    kind = _temporary_kind(error)
    if kind is None:
        return None
    _drop_messages(request)
    response = _response(request, may_be_saved=kind in COMMIT_LOST)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _temporary_kind(error: BaseException | None) -> Kind | None:
    """Return the temporary kind of an error of the database, or of one that it was raised from.

    “The transaction is broken” is raised from the error that broke it.
    """
    while error is not None:
        kind = kind_of(error) if isinstance(error, Error) else None
        if kind in TEMPORARY:
            return kind
        error = error.__cause__
    return None


def _drop_messages(request: HttpRequest) -> None:
    """Drop the messages about a save that was not done."""
    try:
        list(get_messages(request))
    except Error:
        return


def _response(request: HttpRequest, *, may_be_saved: bool) -> HttpResponse:
    title = _("Not available for a moment")
    text = _("The database is busy or being restarted. Try again in a minute.")
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": 503, "detail": text}
        return JsonResponse(problem, status=503, content_type="application/problem+json")
    if request.path.startswith("/v1alpha1/"):
        error = {"code": 503, "message": text, "status": "UNAVAILABLE"}
        return JsonResponse({"error": error}, status=503)
    if request.method not in {"GET", "HEAD"}:
        text = _("Nothing was saved: the database is busy. Wait a moment, then send it again.")
        if may_be_saved:
            text = _(
                "The connection to the database was lost, so this was most likely not saved. Wait a"
                " moment, then send it again: what was saved after all is not saved twice."
            )
    return resend_page(request, status=503, title=title, text=text)
