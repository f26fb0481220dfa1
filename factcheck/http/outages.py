"""Answers 503 while the database is busy or away, and keeps what was typed in a form.

A lock of another transaction, a restarting server or a cut connection passes within a minute. Any
other error of the database is a bug and stays 500.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from factcheck.db.database_file import FileError, FileMovedError
from factcheck.http.form_recovery import resend_page

RETRY_AFTER = 30  # seconds
# SQLite's primary result codes: busy, locked, input or output, full, cannot be opened.
_SQLITE_CODES = {5, 6, 10, 13, 14}
# PostgreSQL's SQLSTATE: connection, out of resources, an operator's act, the system; then a
# serialization failure, a deadlock, a lock that was not given, a transaction left idle, read-only.
_SQLSTATE_CLASSES = ("08", "53", "57", "58")
_SQLSTATES = {"40001", "40003", "40P01", "55P03", "25P03", "25006"}
# After these it is not known whether the last commit succeeded.
_LOST_SQLSTATES = ("08", "57P", "40003")
# Seconds that a page waits. A proxy gives up after 60, and one request may wait twice.
LOCK_TIMEOUT, STATEMENT_TIMEOUT, IDLE_TIMEOUT = 10, 120, 60
SQLITE_TIMEOUT = 20


class OutageMiddleware:
    """Turns a temporary error of the database into a 503 response."""

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
    """Return whether an error means that the database is busy or away, and not a bug."""
    while error is not None and not _is_outage_error(error):
        # “The transaction is broken” is raised from its cause.
        error = error.__cause__
    return error is not None


def outage_response(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return a 503 response to a temporary error; None for any other. Runs no query."""
    if not is_outage(error):
        return None
    _discard_messages(request)
    response = _response(request, is_connection_lost=_is_connection_lost(error))
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_outage_error(error: BaseException) -> bool:
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    if isinstance(error, FileMovedError) or isinstance(cause, FileError):
        return True
    if (state := getattr(cause, "sqlstate", None)) is not None:
        return state in _SQLSTATES or state.startswith(_SQLSTATE_CLASSES)
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _SQLITE_CODES
    # The driver of PostgreSQL reports a lost connection without a code.
    message = str(error)
    if isinstance(error, OperationalError):
        return "locked" in message or type(cause).__module__.startswith("psycopg")
    return isinstance(error, InterfaceError) and "connection" in message


def _is_connection_lost(error: BaseException | None) -> bool:
    """Return whether the connection was lost, perhaps after the data was saved."""
    while error is not None:
        cause = error.__cause__
        if isinstance(error, Error) and type(cause).__module__.startswith("psycopg"):
            state = getattr(cause, "sqlstate", None)
            return state is None or state.startswith(_LOST_SQLSTATES)
        error = cause
    return False


def _discard_messages(request: HttpRequest) -> None:
    """Discard the success messages of a save that did not happen."""
    try:
        list(get_messages(request))
    except Error:
        return


def _response(request: HttpRequest, *, is_connection_lost: bool) -> HttpResponse:
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
        if is_connection_lost:
            text = _(
                "The connection to the database was lost, so this was most likely not saved. Wait a"
                " moment, then send it again: what was saved after all is not saved twice."
            )
    return resend_page(request, status=503, title=title, text=text)
