"""ETags: a reader who has a page of the data as it stands is told so, and no row is read.

A page is made of its address, the data, the day, the code and this installation's settings. All
that readers see moves the data's version (`factcheck.change_log`), so a page's tag is known before
the page is, and the last pages made are kept under their tags. Whoever is logged in may see more
and gets no tag.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from factcheck import change_log

_PACKAGE = Path(__file__).parent.parent
View = Callable[..., HttpResponseBase]


def tagged(view: View) -> View:
    """Give a public page an ETag, and answer 304 to who has it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_known = (
            settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        )
        if is_known or request.method not in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        tag = _tag(request)
        # A star asks whether there is such a page at all: the view knows.
        is_asked = (
            request.headers.get("If-None-Match", "*") != "*" and "If-Match" not in request.headers
        )
        unchanged = get_conditional_response(request, etag=tag) if is_asked else None
        response: HttpResponseBase | None = unchanged or _kept.response(tag)
        if response is None:
            response = view(request, *args, **kwargs)
            _kept.keep(tag, response)
        if response.status_code in {200, 304}:
            response["ETag"] = tag
            # May be kept, but is asked for anew each time.
            response["Cache-Control"] = "no-cache"
        return response

    return answer


class _Kept:
    """The pages made last: most readers look at the same few."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0
        self.pages: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self.lock = Lock()

    def clear(self) -> None:
        self.pages.clear()
        self.size = 0

    def response(self, tag: str) -> HttpResponse | None:
        with self.lock:
            page = self.pages.get(tag)
            if page is None:
                return None
            self.pages.move_to_end(tag)
        return HttpResponse(page[0], content_type=page[1])

    def keep(self, tag: str, response: HttpResponseBase) -> None:
        # A stream is not kept, nor what went wrong.
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        with self.lock:
            if tag not in self.pages:
                self.size += len(response.content)
            self.pages[tag] = response.content, response["Content-Type"]
            while self.size > self.most:
                _tag, (content, _type) = self.pages.popitem(last=False)
                self.size -= len(content)


# Bytes.
_kept = _Kept(16 << 20)


def _tag(request: HttpRequest) -> str:
    today = timezone.localdate().isoformat()
    parts = (request.get_full_path(), get_language(), change_log.version(), _release(), today)
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


def forget() -> None:
    """Drop what this process knows: for tests, which take writes back and change settings."""
    _kept.clear()
    _release.cache_clear()
