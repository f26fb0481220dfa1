"""Limits on failed log-ins, counted by name and address together, and by address.

django-axes counts failed log-ins and rejects more. This module decides what counts together:

- one name from one address (`AXES_FAILURE_LIMIT`): a stranger who guesses an editor's password
  locks out themselves, not the editor, whose address is another one;
- all names from one address (`MAX_FAILURES_PER_ADDRESS`): one password tried on many names. An
  editor who has logged in from that address before may still log in, so that one person in an
  office, or behind a provider's shared address, cannot lock out the others.

No limit is by name alone: anybody who knows an editor's name could lock that editor out.
"""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, cast

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_cool_off, get_failure_limit
from axes.models import AccessAttempt, AccessLog
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

# Failed log-ins that one address may have within `AXES_COOLOFF_TIME`, over all names.
MAX_FAILURES_PER_ADDRESS = 20
_IPV6_PREFIX = 64
# How long after a log-in an editor may still log in from an address with many failures.
_TRUST_PERIOD = timedelta(days=90)


def client_address(request: HttpRequest) -> str | None:
    """Return the address of a client for the limits, the same as for the API's rate limit.

    Behind a proxy (`NUM_PROXIES`) it is the last one of `X-Forwarded-For`, which the proxy has
    written itself: those before it come from the client and may be false.
    """
    client = BaseThrottle().get_ident(cast(Any, request)) or ""
    return normalized_address(client) or normalized_address(request.META.get("REMOTE_ADDR", ""))


def normalized_address(address: str) -> str | None:
    """Return an address, or of IPv6 its /64 network; None if it is invalid.

    An IPv6 subscriber can choose from 2^64 addresses.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _IPV6_PREFIX), strict=False).network_address)


class LockoutHandler(AxesDatabaseHandler):
    """Rejects log-ins also from an address that has tried many names."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return the number of failed log-ins: the limit or more if the address is locked out."""
        failures: int = super().get_failures(request, credentials)
        if self._tries_many_names(request, credentials):
            return max(failures, get_failure_limit(request, credentials))
        return failures

    def opens_at(self, request: Any, credentials: dict[str, Any] | None = None) -> datetime:
        """Return the time from which a locked-out client may try again."""
        limit = get_failure_limit(request, credentials)
        times = [
            _opens_at(attempts, limit, request)
            for attempts in self.get_user_attempts(request, credentials)
        ]
        if self._tries_many_names(request, credentials):
            times.append(_opens_at(_recent_failures(request), MAX_FAILURES_PER_ADDRESS, request))
        return max(times)

    def _tries_many_names(self, request: Any, credentials: dict[str, Any] | None) -> bool:
        totals = _recent_failures(request).aggregate(failures=Sum("failures_since_start"))
        username = get_client_username(request, credentials)
        return (totals["failures"] or 0) >= MAX_FAILURES_PER_ADDRESS and not _has_logged_in_before(
            request, username
        )


def _recent_failures(request: Any) -> QuerySet[AccessAttempt]:
    """Return recent failed log-ins from the client's address, with any name."""
    return AccessAttempt.objects.filter(
        ip_address=request.axes_ip_address,
        attempt_time__gte=get_cool_off_threshold(request),
    )


def _has_logged_in_before(request: Any, username: str | None) -> bool:
    """Return whether somebody of this name has logged in from the client's address before."""
    logs = AccessLog.objects.filter(
        username=username,
        ip_address=request.axes_ip_address,
        attempt_time__gte=request.axes_attempt_time - _TRUST_PERIOD,
    )
    return logs.exists()


def _opens_at(attempts: QuerySet[AccessAttempt], limit: int, request: Any) -> datetime:
    """Return when enough failed attempts have expired that fewer than `limit` count."""
    rows = attempts.order_by("attempt_time").values_list("attempt_time", "failures_since_start")
    failures_by_time = list(rows)
    remaining = sum(failures for _at, failures in failures_by_time)
    opens_at: datetime = request.axes_attempt_time
    cool_off = get_cool_off(request) or timedelta()
    for failed_at, failures in failures_by_time:
        if remaining < limit:
            break
        remaining -= failures
        opens_at = failed_at + cool_off
    return opens_at
