"""What only unpublished work has brought in is shown to nobody but editors, at no address."""

import io
import itertools
import re
import string
import zipfile
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from django.urls import get_resolver, reverse

from factcheck import editing, search
from factcheck.api.resources import RESOURCES
from factcheck.filters import ClaimFilter, OutletFilter, RecordFilter
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Evidence,
    Outlet,
    OutletAlias,
    Owner,
    Proposal,
    RatingLabel,
    Stage,
    Topic,
    Verification,
)
from factcheck.models.base import NaturalKeyModel
from tests import factories

pytestmark = pytest.mark.django_db

PAGES_OF = ("outlet", "claimant", "topic", "article", "claim")
FILTERS = ("outlet", "owner", "claimant", "topic", "article")
LISTS = ("/claims/", "/claims.csv", "/claims.jsonl", "/claims.xlsx", "/claims.atom")


class Secrets:
    """Words that stand nowhere else, and where each of them was written."""

    def __init__(self):
        letters = itertools.product(string.ascii_lowercase, repeat=3)
        self.endings = map("".join, letters)
        self.places = {}

    def word(self, place):
        word = f"hush{next(self.endings)}q"
        self.places[word] = place
        return word

    def link(self, place):
        return f"https://{self.word(place)}.example/{self.word(place)}"

    def found_in(self, seen, *, asked=""):
        """Return where the words that a page shows were written, without those asked for."""
        words = set(re.findall(r"hush[a-z]{3}q", seen.lower()))
        return sorted(self.places[word] for word in words if word not in asked.lower())


@pytest.fixture
def secrets():
    return Secrets()


@pytest.fixture
def hidden(secrets, reviewer):
    """Records of every kind that only unpublished claims have brought in, by their kinds."""
    word, link = secrets.word, secrets.link
    owner = factories.create_owner(slug=word("owner slug"), name=word("owner"))
    article_of = factories.create_outlet(
        slug=word("publisher slug"), name=word("publisher"), is_confirmed=False
    )
    claimant = factories.create_claimant(
        slug=word("claimant slug"),
        name=word("claimant"),
        native_name=word("claimant"),
        role=word("role"),
        same_as=link("same_as"),
    )
    outlet = factories.create_outlet(
        slug=word("outlet slug"),
        name=word("outlet"),
        native_name=word("outlet"),
        owner=owner,
        domain=f"{word('domain')}.example",
        homepage=link("homepage"),
        note=word("outlet note"),
        speaks_for=claimant,
        is_confirmed=False,
    )
    OutletAlias.objects.create(outlet=outlet, name=word("alias"))
    topic = factories.create_topic(slug=word("topic slug"), name=word("topic"))
    article = factories.create_article(
        slug=word("article slug"),
        title=word("article"),
        author=word("author"),
        publisher=article_of,
        url=link("article"),
        text=word("article text"),
    )
    found = {
        "owner": owner,
        "outlet": outlet,
        "claimant": claimant,
        "topic": topic,
        "article": article,
    }
    for stage in (Stage.DRAFT, Stage.REVIEW):
        claim = found["claim"] = factories.create_claim(
            slug=word("claim slug"),
            stage=stage,
            text=word("claim"),
            native_text=word("native text"),
            source_text=word("source_text"),
            claimant=claimant,
            article=article,
            topics=[topic],
            import_ref=link("import_ref"),
            created_by=reviewer,
        )
        source = factories.create_outlet(
            slug=word("reprinted slug"), name=word("reprinted"), is_confirmed=False
        )
        found["citation"] = factories.create_citation(
            claim,
            outlet,
            as_cited=word("as_cited"),
            url=link("citation"),
            archived_url=link("citation"),
            title=word("title"),
            quote=word("quote"),
            note=word("note"),
            reprint_of=source,
            role="reprint",
        )
        found["verification"] = verification = factories.create_verification(
            claim,
            label=word("label"),
            reason=word("reason"),
            url=link("verification"),
            byline=word("byline"),
            publisher=outlet if stage == Stage.REVIEW else None,
        )
        Evidence.objects.create(
            verification=verification,
            title=word("evidence"),
            publisher_name=word("evidence"),
            url=link("evidence"),
            archived_url=link("evidence"),
            quote=word("evidence"),
        )
        _propose(secrets, claim)
    # Merged among themselves: an old address leads to what is hidden as well.
    for noun, create, merge in (
        ("outlet", factories.create_outlet, editing.merge_outlets),
        ("claimant", factories.create_claimant, editing.merge_claimants),
    ):
        loser = create(slug=word(f"merged {noun} slug"), name=word(f"merged {noun}"))
        merge(loser=loser, winner=found[noun], by=reviewer)
        loser.refresh_from_db()
        found[f"merged {noun}"] = loser
    RatingLabel.objects.create(label=word("rating"), status="true")
    return found


def _propose(secrets, claim):
    for state in ("open", "declined"):
        factories.create_proposal(
            claim,
            state=state,
            label=secrets.word("proposal"),
            reason=secrets.word("proposal"),
            evidence=[{"title": secrets.word("proposal"), "url": secrets.link("proposal")}],
        )


@pytest.fixture
def public(secrets, hidden):
    """A published and a retracted claim, with what editors alone know of them."""
    account = factories.create_editor(secrets.word("account"), "Contributors", "Reviewers")
    account.first_name, account.last_name = secrets.word("account"), secrets.word("account")
    account.email = f"{secrets.word('account')}@example.org"
    account.save()
    owner = factories.create_owner(slug="open-owner", name="Open Owner")
    outlet = factories.create_outlet(slug="open-outlet", name="Open Outlet", owner=owner)
    # Of the same owner, and cited by unpublished claims alone.
    Outlet.objects.filter(pk=hidden["outlet"].pk).update(owner=owner)
    claimant = factories.create_claimant(slug="open-claimant", name="Open Claimant")
    topic = factories.create_topic(slug="open-topic", name="Open topic")
    article = factories.create_article(
        slug="open-article", title="Open article", publisher=outlet, text=secrets.word("its text")
    )
    claim = factories.create_claim(
        slug="open-claim",
        stage=Stage.DRAFT,
        text=secrets.word("an earlier draft"),
        source_text=secrets.word("source_text"),
        claimant=claimant,
        article=article,
        paragraph=1,
        topics=[topic],
        created_by=account,
    )
    claim.text = "The border was closed in August."
    claim.save()
    editing.publish(claim=claim, by=account)
    factories.create_citation(
        claim,
        outlet,
        as_cited=secrets.word("as_cited"),
        note=secrets.word("note"),
        url="https://open.example/report",
    )
    _propose(secrets, claim)
    verification = factories.create_verification(
        claim, evidence=["https://open.example/record"], reviewer=account, approved_by=account
    )
    gone = factories.create_claim(slug="gone-claim", text="A bridge was built.", topics=[topic])
    factories.create_citation(gone, outlet)
    editing.retract(claim=gone, by=account, reason="It was a duplicate.")
    search.drain()
    return {
        "owner": owner,
        "outlet": outlet,
        "claimant": claimant,
        "topic": topic,
        "article": article,
        "claim": claim,
        "verification": verification,
        "citation": claim.citations.get(),
    }


def body(response):
    """Return all that an answer says, as text."""
    data = b"".join(response) if response.streaming else response.content
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"\n".join(book.read(name) for name in book.namelist())
    said = data.decode("utf-8", "replace")
    return unquote(unescape(said)) + "\n".join(f"{k}: {v}" for k, v in response.items())


def routes():
    """Yield the pattern of each address, with its name, but for the admin's."""
    for found in get_resolver().url_patterns:
        for pattern in getattr(found, "url_patterns", [found]):
            if getattr(pattern, "name", None):
                yield f"/{pattern.pattern}", pattern.name


def key_of(row, name):
    """Return by what an address names a row."""
    return row.number if isinstance(row, Verification) else getattr(row, name)


def addresses(*worlds):
    """Yield every address of every interface, made for the rows of some worlds."""
    for route, name in routes():
        if "<section>" in route:
            yield from (route.replace("<section>", one)
                        for one in ("lists", "claims", "outlets", "articles"))  # fmt: skip
        elif "<" not in route:
            yield route
        else:
            noun = re.sub(r"^api-|-(detail|revisions|cite)$", "", name)
            for world in worlds:
                for kind in (noun, f"merged {noun}"):
                    if row := world.get(kind):
                        key = key_of(row, "ref" if noun == "citation" else "slug")
                        yield re.sub(r"<[^>]+>", str(key), route)
    yield from asked(*worlds)


def asked(*worlds):
    """Yield lists with each of their parameters set to what a stranger may guess."""
    paths = {"/outlets/": OutletFilter, "/track-records/": RecordFilter}
    paths |= dict.fromkeys(LISTS, ClaimFilter)
    paths |= {f"/api/v1/{one.noun}s/": one.filter_class for one in RESOURCES}
    for path, filter_class in paths.items():
        for name in filter_class.base_filters:
            for world in worlds:
                noun = "outlet" if name == "publisher" else name
                for kind in (noun, f"merged {noun}"):
                    if row := world.get(kind):
                        yield f"{path}?{name}={getattr(row, 'slug', '')}"
        for world in worlds:
            outlet = world["outlet"]
            for typed in (outlet.name, outlet.domain, world["claimant"].name, world["topic"].name):
                yield f"{path}?q={typed}"
                yield f"{path}?q=border+{typed}"
                # Nearly the word: what was meant is suggested.
                yield f"{path}?q={typed[:-1]}"
                yield f"{path}?outlet_name={typed}"
    yield "/api/v1/claims/?expand=citations,verifications"
    yield from ("/claims/?outlet_name=hush", "/claims/open-claim/?at=2020-01-01")
    google = "/v1alpha1/claims:search"
    for world in worlds:
        outlet = world["outlet"]
        for site in (outlet.domain, outlet.name, outlet.homepage):
            yield f"{google}?reviewPublisherSiteFilter={site}"
        yield f"{google}?query={outlet.name}"
    yield from (f"{google}?query=border", f"{google}?maxAgeDays=1000")
    yield "/admin/login/"


def links(said):
    """Return the addresses of this site that a page leads to."""
    found = re.findall(r'(?:href|action|src)="([^"#]+)"|(https?://[^\s"<>]+)', said)
    for one in itertools.chain(*found):
        parts = urlsplit(one)
        is_here = parts.netloc in {"", "127.0.0.1:8000", "testserver"} and parts.scheme != "mailto"
        if one and is_here and parts.path.startswith("/"):
            yield f"{parts.path}?{parts.query}" if parts.query else parts.path


MOST = 3_000


def test_what_only_drafts_brought_in_stands_at_no_address(client, secrets, hidden, public):
    assert len(secrets.places) > 90
    waiting = list(dict.fromkeys(addresses(public, hidden)))
    assert len(waiting) > 250
    seen, leaks = set(waiting), {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        response = client.get(path)
        assert response.status_code < 500, path
        said = body(response)
        if found := secrets.found_in(said, asked=unquote(path)):
            leaks[path] = found
        more = [one for one in links(said) if one not in seen and not _is_translated(one)]
        seen.update(more)
        waiting += more
    assert leaks == {}
    assert "/claims/open-claim/" in seen
    assert len(seen) < MOST, "too many addresses to have tried them all"


def _is_translated(path):
    # The same pages in other languages, and what no view answers.
    return path.startswith(("/ru/", "/kk/", "/static/")) or path in {"/ru", "/kk"}


@pytest.mark.parametrize("noun", [*PAGES_OF, "merged outlet", "merged claimant"])
def test_a_guessed_address_of_an_unpublished_record_is_not_found(client, hidden, noun):
    name = noun.removeprefix("merged ")
    for prefix in ("", "/ru", "/kk"):
        path = reverse(f"{name}-detail", args=[hidden[noun].slug])
        assert client.get(f"{prefix}{path}").status_code == 404
    assert client.get(f"/api/v1/{name}s/{hidden[noun].slug}/").status_code == 404


@pytest.mark.parametrize("noun", ["owner", "citation", "verification"])
def test_the_api_does_not_have_an_unpublished_record(client, hidden, noun):
    key = key_of(hidden[noun], "slug" if noun == "owner" else "ref")

    assert client.get(f"/api/v1/{noun}s/{key}/").status_code == 404


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_answers_for_an_unpublished_record_as_for_none(client, hidden, path, name):
    def answer(slug):
        response = client.get(path, {name: slug})
        said = body(response).replace(slug, "x")
        return response.status_code, re.sub(r"(?m)^(ETag|Content-Length):.*$", "", said)

    assert answer(hidden[name].slug) == answer("there-is-no-such-slug")


@pytest.mark.parametrize("noun", ["outlet", "claimant", "topic", "article", "claim"])
def test_an_editor_sees_an_unpublished_record_at_its_public_address(
    client, hidden, contributor, noun
):
    client.force_login(contributor)

    response = client.get(hidden[noun].get_absolute_url())

    assert response.status_code == 200
    assert str(hidden[noun]) in response.content.decode()


def test_all_that_a_public_page_names_has_a_page(client, reviewer):
    """Also what was never confirmed, and what a retracted claim alone has brought in."""

    def unconfirmed(**fields):
        return factories.create_outlet(is_confirmed=False, **fields)

    claimant, speaker = factories.create_claimant(), factories.create_claimant()
    article = factories.create_article(publisher=unconfirmed())
    topic = factories.create_topic()
    owner = factories.create_owner()
    claim = factories.create_claim(claimant=claimant, article=article, topics=[topic])
    citation = factories.create_citation(
        claim,
        unconfirmed(owner=owner, speaks_for=speaker),
        reprint_of=unconfirmed(),
        role="reprint",
    )
    publisher = unconfirmed()
    factories.create_verification(claim, publisher=publisher)
    editing.retract(claim=claim, by=reviewer, reason="It was a duplicate.")

    for row in (citation.outlet, citation.reprint_of, publisher, article.publisher):
        assert row in Outlet.objects.public()
    for row in (citation.outlet, publisher, claimant, speaker, topic, article):
        assert client.get(row.get_absolute_url()).status_code == 200, row
    for row in (citation.outlet, owner, claimant, speaker, topic, article):
        assert client.get(f"/api/v1/{row._meta.model_name}s/{row.slug}/").status_code == 200, row


def test_an_outlet_that_an_editor_confirmed_is_public_before_anything_cites_it(client):
    outlet = factories.create_outlet(is_confirmed=True)

    assert client.get(outlet.get_absolute_url()).status_code == 200


def test_the_old_address_of_a_merged_outlet_names_the_one_that_took_over(client, reviewer):
    loser, winner = factories.create_outlet(name="Loser"), factories.create_outlet(name="Winner")
    factories.create_citation(outlet=loser)
    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    said = body(client.get("/claims/", {"outlet": loser.slug}))

    assert "</span> Winner" in said
    assert "</span> Loser" not in said


def test_every_model_says_what_of_it_is_public(hidden):
    shown = (Claim, Claimant, Topic, Article, Owner, OutletAlias, Citation, Verification, Evidence)
    for model in shown:
        assert not model.objects.public().exists(), model
    assert set(Outlet.objects.public()) == set()
    for model in (Proposal, RatingLabel):
        assert issubclass(model, NaturalKeyModel)
        assert not model.objects.public().exists(), model
