"""ETags: a reader who has the current version of a page gets 304, and no row is read for it.

A page depends on its address, the language, the data, the date, the code, and this installation's
settings. Every change that readers see moves the data version (`factcheck.data_version`), so a
page's ETag is known before the page is rendered, and the last rendered pages are cached under
their ETags. A logged-in user may see more, and gets no ETag. `docs/freshness.md` draws all of it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
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

from factcheck import data_version
from factcheck.caches import cached, clears_cache

_PACKAGE = Path(__file__).parent.parent
View = Callable[..., HttpResponseBase]


def with_etag(view: View) -> View:
    """Give a public page an ETag, and answer 304 to a reader who has it."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_logged_in = (
            settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        )
        if is_logged_in or request.method not in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        etag = _etag(request)
        # A star asks whether there is such a page at all, which the view has to find out.
        has_condition = (
            request.headers.get("If-None-Match", "*") != "*" and "If-Match" not in request.headers
        )
        unchanged = get_conditional_response(request, etag=etag) if has_condition else None
        response: HttpResponseBase | None = unchanged or _pages.response(etag)
        if response is None:
            response = view(request, *args, **kwargs)
            _pages.add(etag, response)
        if response.status_code in {200, 304}:
            response["ETag"] = etag
            # Browsers may store the page, but ask each time whether it has changed.
            response["Cache-Control"] = "no-cache"
        return response

    return wrapper


class PageCache:
    """The pages rendered last, up to a size in bytes. Its lock is never held during a query."""

    def __init__(self, max_size: int) -> None:
        self.max_size, self.size = max_size, 0
        self.pages: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self.lock = Lock()

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.size = 0

    def response(self, etag: str) -> HttpResponse | None:
        """Return a cached page."""
        with self.lock:
            page = self.pages.get(etag)
            if page is None:
                return None
            self.pages.move_to_end(etag)
        return HttpResponse(page[0], content_type=page[1])

    def add(self, etag: str, response: HttpResponseBase) -> None:
        """Cache a page; not a stream, nor an error."""
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        with self.lock:
            if etag not in self.pages:
                self.size += len(response.content)
            self.pages[etag] = response.content, response["Content-Type"]
            while self.size > self.max_size:
                _oldest, (content, _type) = self.pages.popitem(last=False)
                self.size -= len(content)


_pages = PageCache(16 << 20)
clears_cache(_pages.clear)


def _etag(request: HttpRequest) -> str:
    today = timezone.localdate().isoformat()
    parts = (request.get_full_path(), get_language(), data_version.version(), _release(), today)
    return f'"{hashlib.sha256(chr(10).join(parts).encode("utf-8", "replace")).hexdigest()[:32]}"'


@cached(1)
def _release() -> str:
    """Return a digest of the code and of the settings that pages depend on."""
    digest = hashlib.sha256(settings.SECRET_KEY.encode())
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in {".py", ".html", ".css", ".svg", ".mo"}:
            digest.update(path.read_bytes())
    for name in dir(settings):
        if name.startswith("FACTCHECK_"):
            digest.update(f"{name}={getattr(settings, name)}\n".encode())
    return digest.hexdigest()
