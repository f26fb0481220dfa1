"""A page that is known and still true is not made again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factcheck.models import Claim
from tests import factories
from tests.public_pages import ENDPOINTS, PAGES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def public(sample):
    return [path for path in PAGES + ENDPOINTS if not path.startswith("/healthz")]


def test_every_page_is_known_by_its_tag_and_answers_304_without_reading_rows(client, public):
    for path in public:
        tag = client.get(path).headers["ETag"]
        with CaptureQueriesContext(connection) as queries:
            again = client.get(path, headers={"If-None-Match": tag})

        assert again.status_code == 304, path
        assert again.content == b""
        assert len(queries) == 1, path
        assert "factcheck_change" in queries[0]["sql"]


CHANGES = {
    "a statement": lambda claim: Claim.objects.filter(pk=claim.pk).update(text="Something else"),
    "a citation": factories.create_citation,
    "a citation's link": lambda claim: claim.citations.update(url="https://example.org/"),
    "a finding": lambda claim: factories.create_verification(claim),
    "an owner": lambda claim: claim.citations.first().outlet.owner.save(),
    "an outlet's name": lambda claim: type(claim.citations.first().outlet).objects.update(note="x"),
    "a claimant": lambda claim: type(claim.claimant).objects.update(role="x"),
    "a topic": lambda claim: claim.topics.clear(),
    "an article": lambda claim: type(claim.article).objects.update(title="x"),
    "its end": lambda claim: claim.citations.all().delete() and claim.delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_readers_see_changes_the_tag(client, change):
    claim = factories.create_claim(
        claimant=factories.create_claimant(),
        topics=[factories.create_topic()],
        article=factories.create_article(),
    )
    factories.create_citation(claim, factories.create_outlet(owner=factories.create_owner()))
    before = client.get("/claims/").headers["ETag"]
    assert client.get("/claims/").headers["ETag"] == before

    change(claim)

    assert client.get("/claims/", headers={"If-None-Match": before}).status_code == 200


def test_another_address_or_setting_is_another_page(client, settings, public):
    from factcheck import caches

    tags = {client.get(path).headers["ETag"] for path in ("/claims/", "/claims/?q=x", "/")}
    settings.FACTCHECK_CONTACT = "desk@facts.example"
    caches.clear_all()
    tags.add(client.get("/").headers["ETag"])

    assert len(tags) == 4


def test_who_is_logged_in_and_what_is_not_there_have_no_tag(client, reviewer):
    draft = factories.create_claim(stage="draft")
    assert "ETag" not in client.get(draft.get_absolute_url()).headers
    client.force_login(reviewer)

    assert client.get(draft.get_absolute_url()).status_code == 200
    assert "ETag" not in client.get(draft.get_absolute_url()).headers
    assert "ETag" not in client.get("/claims/").headers


def test_a_page_made_before_is_kept_and_the_oldest_go_first(client, monkeypatch):
    from factcheck.views import etags

    first = client.get("/claims/")
    with CaptureQueriesContext(connection) as queries:
        again = client.get("/claims/")
    assert again.content == first.content
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert len(queries) == 1

    monkeypatch.setattr(etags._pages, "max_size", len(first.content) + 1)
    client.get("/outlets/")
    assert len(etags._pages.pages) == 1
    factories.create_claim(text="Something new")
    assert "Something new" in client.get("/claims/").content.decode()


def test_a_database_made_anew_has_no_page_of_the_old_one(client):
    from django.core.management import call_command

    from factcheck import triggers

    factories.create_claim()
    tag = client.get("/claims/").headers["ETag"]
    triggers.remove()
    call_command("flush", verbosity=0, interactive=False)
    factories.create_claim()

    assert client.get("/claims/", headers={"If-None-Match": tag}).status_code == 200


def test_a_star_is_answered_by_whether_there_is_such_a_page(client):
    assert client.get("/claims/no-such/", headers={"If-None-Match": "*"}).status_code == 404
    assert client.get("/claims/no-such/", headers={"If-Match": '"x"'}).status_code == 404


def test_a_page_of_yesterday_is_not_todays(client, monkeypatch):
    claim = factories.create_claim()
    before = client.get(claim.get_absolute_url())
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *given: tomorrow)

    after = client.get(claim.get_absolute_url(), headers={"If-None-Match": before.headers["ETag"]})

    assert f"?at={tomorrow.isoformat()}" not in before.content.decode()
    assert after.status_code == 200
    assert f"?at={tomorrow.isoformat()}" in after.content.decode()
    assert client.get(claim.get_absolute_url()).content == after.content
