"""Who tries to log in, from where, and when there were too many wrong passwords.

django-axes counts failed log-ins and refuses more; this module says what is counted together:

- one name from one address (`AXES_FAILURE_LIMIT`): a stranger who guesses an editor's password
  locks out themselves, not the editor, whose address is another one;
- all names from one address (`MOST_FROM_ADDRESS`): one password tried on many names. An editor who
  has logged in from that address before may still log in, so that one person in an office, or
  behind a provider's shared address, cannot lock out the others.

No lock follows a name alone: whoever knows a name could shut out its bearer with it.
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

# So many log-ins from one address may fail within `AXES_COOLOFF_TIME`, whatever the names.
MOST_FROM_ADDRESS = 20
_IPV6_PREFIX = 64
# An address is known for an editor for so long after the last log-in from there.
_KNOWN_FOR = timedelta(days=90)


def client_address(request: HttpRequest) -> str | None:
    """Return the address by which a client is counted, as the limit of the API does.

    Behind a proxy (`NUM_PROXIES`) it is the last one of `X-Forwarded-For`, which the proxy has
    written itself: those before it are whatever the client has sent.
    """
    told = BaseThrottle().get_ident(cast(Any, request)) or ""
    return counted_address(told) or counted_address(request.META.get("REMOTE_ADDR", ""))


def counted_address(address: str) -> str | None:
    """Return what is counted as one client: an address, of IPv6 its network; None for no address.

    A subscriber of IPv6 has 2^64 addresses to choose from.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), _IPV6_PREFIX), strict=False).network_address)


class LockoutHandler(AxesDatabaseHandler):
    """Refuses log-ins also where one address has tried many names."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return how many log-ins have failed; at least the limit where all names are refused."""
        failures: int = super().get_failures(request, credentials)
        if self._tries_many_names(request, credentials):
            return max(failures, get_failure_limit(request, credentials))
        return failures

    def opens_at(self, request: Any, credentials: dict[str, Any] | None = None) -> datetime:
        """Return when the client may try again that is refused now."""
        limit = get_failure_limit(request, credentials)
        moments = [
            _opens_at(attempts, limit, request)
            for attempts in self.get_user_attempts(request, credentials)
        ]
        if self._tries_many_names(request, credentials):
            moments.append(_opens_at(_from_address(request), MOST_FROM_ADDRESS, request))
        return max(moments)

    def _tries_many_names(self, request: Any, credentials: dict[str, Any] | None) -> bool:
        counted = _from_address(request).aggregate(n=Sum("failures_since_start"))
        return (counted["n"] or 0) >= MOST_FROM_ADDRESS and not _is_known(
            request, get_client_username(request, credentials)
        )


def _from_address(request: Any) -> QuerySet[AccessAttempt]:
    """Return what has failed lately from the client's address, whatever the name."""
    return AccessAttempt.objects.filter(
        ip_address=request.axes_ip_address,
        attempt_time__gte=get_cool_off_threshold(request),
    )


def _is_known(request: Any, username: str | None) -> bool:
    """Return whether somebody of this name has logged in from the client's address before."""
    logs = AccessLog.objects.filter(
        username=username,
        ip_address=request.axes_ip_address,
        attempt_time__gte=request.axes_attempt_time - _KNOWN_FOR,
    )
    return logs.exists()


def _opens_at(attempts: QuerySet[AccessAttempt], limit: int, request: Any) -> datetime:
    """Return when so many of some failed attempts are out of date that fewer than `limit` count."""
    rows = attempts.order_by("attempt_time").values_list("attempt_time", "failures_since_start")
    found = list(rows)
    left = sum(failures for _at, failures in found)
    opens: datetime = request.axes_attempt_time
    cool_off = get_cool_off(request) or timedelta()
    for at, failures in found:
        if left < limit:
            break
        left -= failures
        opens = at + cool_off
    return opens
