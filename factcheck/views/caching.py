"""ETags: a reader who has a page of the data as it stands is told so, and no row is read.

A page is made of its address, the data, the code and this installation's settings. All that
readers see moves the data's version (`factcheck.changes`), so a page's tag is known before the
page is. Whoever is logged in may see more and gets no tag.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from factcheck import changes

_PACKAGE = Path(__file__).parent.parent
View = Callable[..., HttpResponse]


def tagged(view: View) -> View:
    """Give a public page an ETag, and answer 304 to who has it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return view(request, *args, **kwargs)
        tag = _tag(request)
        unchanged = get_conditional_response(request, etag=tag)
        response = view(request, *args, **kwargs) if unchanged is None else unchanged
        if response.status_code in {200, 304}:
            response["ETag"] = tag
            # May be kept, but is asked for anew each time.
            response["Cache-Control"] = "no-cache"
        return response

    return answer


def _tag(request: HttpRequest) -> str:
    parts = (request.get_full_path(), get_language(), str(changes.version()), _release())
    return f'"{hashlib.sha256(chr(10).join(parts).encode("utf-8", "replace")).hexdigest()[:32]}"'


@lru_cache(1)
def _release() -> str:
    """Return what the code and the settings are known by."""
    digest = hashlib.sha256(settings.SECRET_KEY.encode())
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in {".py", ".html", ".css", ".svg", ".mo"}:
            digest.update(path.read_bytes())
    for name in dir(settings):
        if name.startswith("FACTCHECK_"):
            digest.update(f"{name}={getattr(settings, name)}\n".encode())
    return digest.hexdigest()
