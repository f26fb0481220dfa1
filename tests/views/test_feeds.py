"""The feeds keep the rules of RFC 4287 that feed validators check, whatever stands in a claim."""

import re
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from factcheck.models import Claim
from tests import factories

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://facts.example"
ONE = {"feed": {"id", "title", "updated"}, "entry": {"id", "title", "updated"}}
AT_MOST_ONE = {
    "feed": {"generator", "icon", "logo", "rights", "subtitle"},
    "entry": {"content", "published", "rights", "source", "summary"},
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@pytest.fixture(autouse=True)
def _site(settings):
    settings.FACTCHECK_SITE_URL = SITE


class Markup(HTMLParser):
    """What a feed reader would find in a text of type html."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.found.extend(f"{tag} {name}" for name, _value in attrs if name.startswith("on"))


def faults(response, address):
    """Yield what a validator would say of a feed that was read at an address."""
    if response["Content-Type"] != "application/atom+xml; charset=utf-8":
        yield f"served as {response['Content-Type']}"
    feed = ET.fromstring(response.content)
    if feed.tag != f"{ATOM}feed":
        yield f"the root is {feed.tag}"
    entries = feed.findall(f"{ATOM}entry")
    for kind, element in [("feed", feed), *(("entry", entry) for entry in entries)]:
        yield from _of_element(kind, element)
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in [feed, *entries])
    yield from (f"the id {found} stands {count} times" for found, count in ids.items() if count > 1)
    if feed.find(f"{ATOM}author") is None and any(e.find(f"{ATOM}author") is None for e in entries):
        yield "no author"
    if not all(author.findtext(f"{ATOM}name") for author in feed.iter(f"{ATOM}author")):
        yield "an author without a name"
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if own != [address]:
        yield f"rel=self is {own}"
    newest = max((entry.findtext(f"{ATOM}updated") for entry in entries), default="")
    if entries and _moment(feed.findtext(f"{ATOM}updated")) < _moment(newest):
        yield "updated is older than its entries"


def _of_element(kind, element):
    names = Counter(child.tag.removeprefix(ATOM) for child in element)
    yield from (f"{kind}: {names[name]} of {name}" for name in ONE[kind] if names[name] != 1)
    yield from (f"{kind}: several {name}" for name in AT_MOST_ONE[kind] if names[name] > 1)
    if not re.fullmatch(r"(https?|urn|tag):\S+", element.findtext(f"{ATOM}id")):
        yield f"{kind}: the id is no absolute IRI"
    for name in ("updated", "published"):
        moment = element.findtext(f"{ATOM}{name}")
        if moment is not None and not MOMENT.fullmatch(moment):
            yield f"{kind}: {name} is {moment}"
    if not (element.findtext(f"{ATOM}title") or "").strip():
        yield f"{kind}: no title"
    links = element.findall(f"{ATOM}link")
    kinds = Counter((link.get("rel", "alternate"), link.get("type")) for link in links)
    yield from (f"{kind}: {found} twice" for found, count in kinds.items() if count > 1)
    if ("alternate", None) not in kinds:
        yield f"{kind}: no page"
    yield from (f"{kind}: {link.get('href')}" for link in links if not _is_absolute(link))
    for child in element:
        if child.get("type") == "html":
            wild = {"script", "iframe", "img", "style", "object"}
            found = Markup(child.text or "").found
            yield from (f"{kind}: <{tag}>" for tag in found if tag in wild or " on" in tag)


def _is_absolute(link):
    parts = urlsplit(link.get("href"))
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _moment(text):
    return datetime.fromisoformat(text)


@pytest.fixture
def claims(db, reviewer):
    """Claims with all that has ever broken a feed."""
    topic = factories.create_topic(name="Trade", slug="trade")
    for text in ("Plain", "<script>alert(1)</script> & <img src=x onerror=y>", "A ]]> B", "Тоқаев"):
        claim = factories.create_claim(text=text, topics=[topic], native_text=text)
        factories.create_citation(claim, factories.create_outlet(name=f"Outlet {claim.pk}"))
        reason = f"{text} is **so**, [as written](https://paper.example/1)."
        factories.create_verification(claim, status="mixed")
        factories.approved(claim, reviewer, status="false", reason=reason)
    Claim.objects.filter(text="Plain").update(text="Plain \x01 control")


@pytest.mark.parametrize(
    "address",
    ["/claims.atom", "/claims.atom?topic=trade&q=alert", "/claims.atom?independent_min=9",
     "/corrections/feed.atom"],
)  # fmt: skip
def test_a_validator_finds_no_fault(client, claims, address):
    assert list(faults(client.get(address), f"{SITE}{address}")) == []


def test_a_claim_is_shown_as_written_and_a_reason_as_its_editor_meant_it(client, claims):
    entries = ET.fromstring(client.get("/claims.atom").content).findall(f"{ATOM}entry")
    summaries = {entry.findtext(f"{ATOM}summary") for entry in entries}
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x onerror=y&gt;" in summaries

    entries = ET.fromstring(client.get("/corrections/feed.atom").content).findall(f"{ATOM}entry")
    assert any("<strong>so</strong>" in entry.findtext(f"{ATOM}summary") for entry in entries)


def test_the_empty_feed_is_one_too(client, db):
    for address in ("/claims.atom", "/corrections/feed.atom"):
        assert list(faults(client.get(address), f"{SITE}{address}")) == []


@pytest.mark.parametrize("prefix", ["", "/ru", "/kk"])
def test_pages_of_other_sites_may_read_the_feeds_of_every_language(client, db, prefix):
    response = client.get(f"{prefix}/claims.atom", headers={"Origin": "https://elsewhere.example"})

    assert response["Access-Control-Allow-Origin"] == "*"
