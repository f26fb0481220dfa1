"""A database that is busy or away for a moment: 503, and nothing of what was typed is lost.

A lock that another transaction holds, a server that restarts, a connection that was cut: who asks
again in a minute is served. Any other error of the database is a fault of ours and stays 500.
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
_SQLITE = {5, 6, 10, 13, 14}
# PostgreSQL's SQLSTATE: connection, out of resources, an operator's act, the system; then a
# serialization failure, a deadlock, a lock that was not given, a transaction left idle, read-only.
_CLASSES = ("08", "53", "57", "58")
_STATES = {"40001", "40003", "40P01", "55P03", "25P03", "25006"}
# Those after which it is not known whether the last commit was done.
_LOST = ("08", "57P", "40003")
# Seconds that a page waits. A proxy gives up after 60, and one request may wait twice.
LOCK_TIMEOUT, STATEMENT_TIMEOUT, IDLE_TIMEOUT = 10, 120, 60
SQLITE_TIMEOUT = 20


class OutageMiddleware:
    """Answers an error of the database that will pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable(request, error)


def limit_waits() -> None:
    """Set how long the server waits for the database. Commands, which load for hours, do not.

    On PostgreSQL a value in the `options` of DATABASE_URL goes before ours.
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
    """Return whether an error says that the database is busy or away, and not that we are wrong."""
    while error is not None and not _is_one(error):
        # “The transaction is broken” is raised from what broke it.
        error = error.__cause__
    return error is not None


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the answer to an error that will pass; None for any other. Asks no database."""
    if not is_outage(error):
        return None
    _forget_messages(request)
    response = _told(request, is_lost=_is_lost(error))
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_one(error: BaseException) -> bool:
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    if isinstance(error, FileMovedError) or isinstance(cause, FileError):
        return True
    if (state := getattr(cause, "sqlstate", None)) is not None:
        return state in _STATES or state.startswith(_CLASSES)
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _SQLITE
    # The driver of PostgreSQL tells of a lost connection without a code.
    said = str(error)
    if isinstance(error, OperationalError):
        return "locked" in said or type(cause).__module__.startswith("psycopg")
    return isinstance(error, InterfaceError) and "connection" in said


def _is_lost(error: BaseException | None) -> bool:
    """Return whether the connection went away, perhaps after the data was saved."""
    while error is not None:
        cause = error.__cause__
        if isinstance(error, Error) and type(cause).__module__.startswith("psycopg"):
            state = getattr(cause, "sqlstate", None)
            return state is None or state.startswith(_LOST)
        error = cause
    return False


def _forget_messages(request: HttpRequest) -> None:
    """Drop what was to be told of a save that was not done."""
    try:
        list(get_messages(request))
    except Error:
        return


def _told(request: HttpRequest, *, is_lost: bool) -> HttpResponse:
    title = _("Not available for a moment")
    text = _("The database is busy or being restarted. Try again in a minute.")
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": 503, "detail": text}
        return JsonResponse(problem, status=503, content_type="application/problem+json")
    if request.path.startswith("/v1alpha1/"):
        wrong = {"code": 503, "message": text, "status": "UNAVAILABLE"}
        return JsonResponse({"error": wrong}, status=503)
    if request.method not in {"GET", "HEAD"}:
        text = _("Nothing was saved: the database is busy. Wait a moment, then send it again.")
        if is_lost:
            text = _(
                "The connection to the database was lost, so this was most likely not saved. Wait a"
                " moment, then send it again: what was saved after all is not saved twice."
            )
    return resend_page(request, status=503, title=title, text=text)
