"""The size limit for request bodies of visitors who are not logged in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from factcheck.views.pages import error_page

# More than the longest form that an editor fills in, whose session may have ended meanwhile.
# Larger files can be sent only by editors.
MAX_ANONYMOUS_BYTES = 5_000_000


class BodyLimitMiddleware:
    """Rejects a longer body before any of it is read: the CSRF check would read it.

    The API has its own limit and error format.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            _content_length(request) > MAX_ANONYMOUS_BYTES
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


def _content_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0
