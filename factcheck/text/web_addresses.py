"""Web addresses: the site or the social-network account that an address belongs to."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
# The maximum length of a domain name; each parent domain is looked up.
_MAX_HOST = 253
# Subdomains with the same pages, for example for phones.
_SAME_SITE_SUBDOMAIN = re.compile(r"(?:www2?|m|mobile|amp)\.(?=[^.]+\.)")
# Social networks, on which one host has many owners: the main host of each of their hosts.
_NETWORKS = {
    name: name
    for name in (
        *("twitter.com", "facebook.com", "instagram.com", "t.me", "vk.com", "ok.ru", "medium.com"),
        *("youtube.com", "tiktok.com", "linkedin.com", "threads.net", "livejournal.com"),
    )
} | {"x.com": "twitter.com", "fb.com": "facebook.com", "telegram.me": "t.me", "vk.ru": "vk.com"}
# First parts of a path before the account's name.
_BEFORE_ACCOUNT = frozenset(
    "channel c user groups pages people in company school public joinchat".split()
)
# First parts of a path without an account's name: the whole path identifies the page.
_NO_ACCOUNT = frozenset(
    "watch shorts playlist embed live permalink.php story.php profile.php photo.php video share"
    " reel reels p i hashtag search events story".split()
)
# The host of an address that has nothing but a host and a path.
_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:/|\Z)")


class Site(NamedTuple):
    """The owner of a web address: a host or, on a social network, an account there."""

    host: str = ""
    account: str = ""
    is_network: bool = False
    # The host as printed, if it is an older one of the network.
    printed_host: str = ""

    def __str__(self) -> str:
        return f"{self.host}/{self.account}" if self.account else self.host


def site(address: str) -> Site:
    """Return the site or account of a web address, with or without its scheme.

    >>> str(site("https://m.tengrinews.kz:443/x?y")), str(site("X.com/TokayevKZ/status/1"))
    ('tengrinews.kz', 'twitter.com/TokayevKZ')
    """
    address = address.strip()
    if " " in address or "." not in address:
        return Site()
    plain = _PLAIN_HOST.match(address)
    if plain and (host := _main_host(plain[1])) not in _NETWORKS:
        return Site(host)
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = _main_host(parts.hostname or "")
    except ValueError:  # a bracket that opens no IPv6 address
        return Site()
    network = _NETWORKS.get(host)
    if network is None:
        return Site(host)
    account = _account(network, parts.path, parts.query)
    return Site(network, account, is_network=True, printed_host=host)


def _account(network: str, path: str, query: str) -> str:
    steps = [step for step in path.split("/") if step]
    if network == "t.me" and len(steps) > 1 and steps[0] == "s":
        del steps[0]
    first = steps[0].casefold() if steps else ""
    if first in _NO_ACCOUNT:
        return "/".join(steps) + (f"?{query}" if query else "")
    return "/".join(steps[: 2 if first in _BEFORE_ACCOUNT else 1])


def _main_host(host: str) -> str:
    """Return a host without a subdomain of the same pages; empty if it is too long for a domain."""
    host = host.casefold().strip(".")
    if len(host) > _MAX_HOST:
        return ""
    subdomain = _SAME_SITE_SUBDOMAIN.match(host)
    return host[subdomain.end() :] if subdomain else host


def site_keys(address: str) -> list[str]:
    """Return the domains and accounts that `address` may belong to, the closest first.

    >>> site_keys("https://www.tengrinews.kz/x/")
    ['tengrinews.kz/x', 'tengrinews.kz']
    """
    owner = site(address)
    if owner.is_network:
        hosts = (owner.host, owner.printed_host)
        return list(dict.fromkeys(str(owner._replace(host=host)).casefold() for host in hosts))
    path = address.partition("//")[2] or address
    account = re.split(r"[?#]", path)[0].strip("/").partition("/")[2].split("/")[0].casefold()
    labels = owner.host.split(".")
    keys = []
    for start in range(max(len(labels) - 1, 0)):
        domain = ".".join(labels[start:])
        keys += [f"{domain}/{account}", domain] if account else [domain]
    return keys


def web_address(link: str | None) -> str:
    """Return a link if it is http or https, else an empty text: other links may run code."""
    return link if link and _WEB_ADDRESS.match(link) else ""
