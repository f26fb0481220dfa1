"""How much somebody may send who is not logged in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from factcheck.views.pages import error_page

# Bytes. More than the longest form that an editor fills in, whose session may have ended meanwhile;
# files of more are for editors alone.
MOST_FROM_ANYBODY = 5_000_000


class BodyLimitMiddleware:
    """Refuses a longer body before any of it is read, which the check against forgery would do.

    The API has a limit of its own, and its own words for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            _length(request) > MOST_FROM_ANYBODY
            and not request.path.startswith("/api/")
            and not request.user.is_authenticated
        ):
            return error_page(
                request,
                413,
                _("Too large"),
                _("Log in first, then send this again: it is too large for visitors."),
            )
        return self.get_response(request)


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isdecimal() else 0
