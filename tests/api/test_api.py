"""The JSON API: the lists' rows and numbers, what editors may send, and how it says no."""

import json

import pytest
import schemathesis
from django.core import signals
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as how
from rest_framework.authtoken.models import Token
from schemathesis import Case

from factcheck import search
from factcheck.api import resources, schema, serializers
from factcheck.api.flat_rows import ComputedField, FlatRows
from factcheck.models import Citation, Claim, Outlet, Stage
from factcheck.wsgi import application
from tests import factories
from tests.test_query_counts import create_everything

pytestmark = pytest.mark.django_db
# On PostgreSQL a transaction that has written sees another version of the data each time.
committed = pytest.mark.django_db(transaction=True)
LISTS = [f"/api/v1/{resource.noun}s/" for resource in resources.RESOURCES]


@pytest.fixture(autouse=True)
def _no_client_is_known():
    cache.clear()


def get(client, path, status=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == status, response.content
    return response.json()


@pytest.fixture
def send(client, contributor):
    token = Token.objects.create(user=contributor)

    def post(path, data, *, key=token.key, kind="application/json"):
        body = data if isinstance(data, bytes) else json.dumps(data)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return client.post(path, body, content_type=kind, headers=headers)

    return post


# What it says


def test_a_list_has_the_numbers_and_the_order_of_its_page(client, sample):
    query = "?outlet=tengrinews&sort=most_cited&page_size=20"
    found = get(client, f"/api/v1/claims/{query}")
    page = client.get(f"/claims/{query}").context

    assert found["count"] == page["total"] > 0
    assert [row["slug"] for row in found["results"]] == [row.slug for row in page["page"].rows]


def test_pages_follow_each_other_and_lead_back(client, sample, settings):
    settings.FACTCHECK_SITE_URL = "http://testserver"
    seen, path = [], "/api/v1/citations/?stance=supports"
    while path:
        page = get(client, path)
        seen += [row["ref"] for row in page["results"]]
        last, path = page, page["next"]

    assert len(seen) == len(set(seen)) == page["count"]
    assert seen == list(
        Citation.objects.filter(stance="supports").order_by("-id").values_list("ref", flat=True)
    )
    assert "stance=supports" in last["previous"]
    before = get(client, last["previous"])
    assert [row["ref"] for row in before["results"]] == seen[-len(last["results"]) - 20 :][:20]


@committed
def test_the_best_matches_come_first_and_page_too(client, sample, settings):
    settings.FACTCHECK_SITE_URL = "http://testserver"
    first = get(client, "/api/v1/claims/?q=Қазақстан&sort=relevance")
    assert first["count"] > 20
    second = get(client, first["next"])

    assert not {r["slug"] for r in first["results"]} & {r["slug"] for r in second["results"]}


def test_a_claim_carries_what_it_rests_on_and_its_history(client):
    owner = factories.create_owner(name="Holding")
    claim = factories.create_claim(slug="c", source_text="The article's words", recheck_on=None)
    for slug in ("one", "two"):
        outlet = factories.create_outlet(slug=slug, owner=owner, control="state")
        factories.create_citation(claim, outlet)
    factories.create_verification(claim, evidence=["https://example.org/record"])

    found = get(client, "/api/v1/claims/c/")

    assert [one["outlet"] for one in found["citations"]] == ["one", "two"]
    (family,) = found["families"]
    assert (family["name"], family["is_state_controlled"]) == ("Holding", True)
    assert family["citations"] == [one["ref"] for one in found["citations"]]
    (finding,) = found["verifications"]
    assert finding["evidence"][0]["url"] == "https://example.org/record"
    assert (found["status"], found["independent_count"]) == ("true", 1)
    assert "The article's words" not in json.dumps(found)


def test_expand_nests_in_a_list_what_one_claim_carries(client, sample):
    found = get(client, "/api/v1/claims/?expand=citations,verifications&page_size=100")

    for row in found["results"]:
        whole = get(client, f"/api/v1/claims/{row['slug']}/")
        assert row == {name: whole[name] for name in row}
    assert {len(row["verifications"]) for row in found["results"]} >= {0, 1}
    assert "citations" not in get(client, "/api/v1/claims/?expand=verifications")["results"][0]


@pytest.mark.parametrize("path", LISTS)
def test_each_row_of_a_list_can_be_had_alone(client, sample, path):
    factories.create_verification(Claim.objects.first())
    lookup = next(r.lookup_field for r in resources.RESOURCES if f"/{r.noun}s/" in path)
    rows = get(client, path)["results"]

    assert rows
    for row in rows:
        whole = get(client, f"{path}{row[lookup]}/")
        assert row == {name: whole[name] for name in row}


@pytest.mark.parametrize("path", [*LISTS, "/api/v1/claims/?expand=citations,verifications"])
def test_twelve_rows_cost_no_more_than_two(client, path):
    rows = create_everything(2)
    next(rows)
    next(rows)

    def asked():
        search.drain()
        get(client, path)
        with CaptureQueriesContext(
            connection,
        ) as found:
            get(client, f"{path}{'&' if '?' in path else '?'}x={len(Claim.objects.all())}")
        return len(found)

    few = asked()
    for _ in range(5):
        next(rows)
    assert asked() <= few


def test_what_is_not_public_is_in_no_list_and_at_no_address(client):
    draft = factories.create_claim(slug="draft", stage=Stage.DRAFT, claimant=None)
    citation = factories.create_citation(draft, factories.create_outlet(is_confirmed=False))
    number = factories.create_verification(draft).number
    secret = factories.create_claimant(slug="secret")
    Claim.objects.filter(pk=draft.pk).update(claimant=secret)

    for path in LISTS:
        assert get(client, path)["count"] == 0, path
    for path in (
        *("claims/draft/", f"citations/{citation.ref}/", f"verifications/{number}/"),
        *(f"outlets/{citation.outlet.slug}/", "claimants/secret/"),
    ):
        get(client, f"/api/v1/{path}", 404)
    assert get(client, "/api/v1/citations/?claim=draft")["count"] == 0


def test_a_retracted_claim_leaves_the_list_and_keeps_its_address(client):
    claim = factories.retracted(slug="gone")

    assert get(client, "/api/v1/claims/")["count"] == 0
    assert get(client, "/api/v1/claims/gone/")["retraction_reason"] == claim.retraction_reason


def test_a_merged_outlets_address_leads_to_the_other(client):
    into = factories.create_outlet(slug="into")
    factories.create_outlet(slug="old", merged_into=into)

    response = client.get("/api/v1/outlets/old/")

    assert (response.status_code, response["Location"]) == (301, "/api/v1/outlets/into/")


# How it says no


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("claims/?status=bogus", 400, "status"),
        ("claims/?outlet=nowhere", 400, "outlet"),
        ("claims/?claimed_after=yesterday", 400, "claimed_after"),
        ("claims/?after=%00%ff", 400, "after"),
        ("claims/?sort=up", 400, "sort"),
        ("claims/?page_size=7", 400, "page_size"),
        ("claims/?expand=everything", 400, "expand"),
        ("claims/?q=%00", 400, "q"),
        ("citations/?claim=%00", 400, "claim"),
        ("claims/nowhere/", 404, None),
        ("verifications/99999999999999999999999/", 404, None),
        ("citations/%00/", 404, None),
        ("nothing/", 404, None),
        ("claims/%0A/", 404, None),
    ],
)
def test_what_is_wrong_is_a_problem_document(client, path, status, field):
    response = client.get(f"/api/v1/{path}")

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert list(problem.get("errors", ())) == ([field] if field else [])


def test_a_client_that_asks_too_often_is_told_to_wait(client, settings):
    settings.FACTCHECK_API_RATE = "2/min"
    for word in ("one", "two"):
        get(client, f"/api/v1/claims/?q={word}")

    response = client.get("/api/v1/claims/?q=three")

    assert (response.status_code, response["Content-Type"]) == (429, "application/problem+json")
    assert 0 < int(response["Retry-After"]) <= 60
    # A header that anybody can write makes nobody another client, unless a proxy writes it.
    forged = {"X-Forwarded-For": "203.0.113.9"}
    get(client, "/api/v1/claims/?q=four", 429, **forged)
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    get(client, "/api/v1/claims/?q=five", **forged)


@committed
def test_who_has_the_data_is_told_so_and_pages_elsewhere_may_read(client, sample):
    origin = {"Origin": "https://elsewhere.example"}
    first = client.get("/api/v1/claims/", headers=origin)
    again = client.get("/api/v1/claims/", headers={**origin, "If-None-Match": first["ETag"]})
    small = client.get("/api/v1/claims/", headers={"Accept-Encoding": "gzip"})

    assert first["Access-Control-Allow-Origin"] == again["Access-Control-Allow-Origin"] == "*"
    assert again.status_code == 304
    assert small["Content-Encoding"] == "gzip"
    assert len(small.content) < len(first.content) / 2
    Claim.objects.first().delete()
    assert client.get("/api/v1/claims/")["ETag"] != first["ETag"]


def test_a_list_computes_a_field_of_the_columns_that_it_names():
    class OutletWithLabel(serializers.OutletRow):
        label = ComputedField(lambda name, owner: f"{name} ({owner})", "name", "owner__name")

        class Meta(serializers.OutletRow.Meta):
            fields = (*serializers.OutletRow.Meta.fields, "label")

    outlet = factories.create_outlet(name="Courier", owner=factories.create_owner(name="State"))
    rows = FlatRows(OutletWithLabel)
    values = Outlet.objects.for_list().values_list(*rows.columns)

    (flat,) = rows.of(values)
    assert flat["label"] == "Courier (State)"
    assert flat == OutletWithLabel(Outlet.objects.for_list().get(pk=outlet.pk)).data


def test_a_field_that_a_list_cannot_read_says_where_it_belongs():
    with pytest.raises(ImproperlyConfigured, match=r"OutletDetail\.aliases is in lists"):
        FlatRows(serializers.OutletDetail)


# What editors send


def test_an_editor_drafts_a_claim_and_cites_an_outlet_by_any_name(client, send, contributor):
    factories.create_claimant(slug="speaker")
    factories.create_topic(slug="trade")
    factories.create_outlet(slug="tengrinews", name="Tengrinews.kz", native_name="Тенгриньюс")
    claim = {"text": "The border was closed.", "claimant": "speaker", "topics": ["trade"]}

    made = send("/api/v1/claims/", claim)
    assert made.status_code == 201, made.content
    draft = Claim.objects.get()
    assert made["Location"].endswith(f"/api/v1/claims/{draft.slug}/")
    assert (draft.stage, draft.created_by) == (Stage.DRAFT, contributor)
    assert draft.history.first().history_user == contributor
    get(client, f"/api/v1/claims/{draft.slug}/", 404)

    citation = {"outlet": "Тенгриньюс", "date_text": "2021-08-20"}
    cited = send(f"/api/v1/claims/{draft.slug}/citations/", citation)
    assert cited.status_code == 201, cited.content
    assert cited.json()["citations"][0]["published_on"] == "2021-08-20"
    assert cited.json()["independent_count"] == 1

    twice = send(f"/api/v1/claims/{draft.slug}/citations/", citation)
    assert twice.status_code == 400
    assert "already" in twice.content.decode()


def test_a_draft_for_a_merged_claimant_is_the_others(send):
    winner = factories.create_claimant(slug="winner")
    factories.create_claimant(slug="loser", merged_into=winner)

    for slug in ("loser", "winner"):
        made = send("/api/v1/claims/", {"text": "The border was closed.", "claimant": slug})
        assert made.status_code == 201, made.content
        assert made.json()["claimant"] == "winner"
    assert send("/api/v1/claims/", {"text": "x", "claimant": None}).json()["claimant"] is None


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/claims/", "GET, POST, HEAD, OPTIONS"),
        ("/api/v1/outlets/", "GET, HEAD, OPTIONS"),
        ("/api/v1/claims/bridge/", "GET, HEAD, OPTIONS"),
        ("/api/v1/claims/bridge/citations/", "POST, OPTIONS"),
    ],
)
def test_what_an_address_allows_it_answers(client, path, methods):
    factories.create_claim(slug="bridge")

    response = client.options(path)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == methods
    refused = client.delete(path)
    assert (refused.status_code, refused["Allow"]) == (405, methods)
    for method in methods.lower().split(", "):
        assert getattr(client, method)(path).status_code != 405, method


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("", "This field may not be blank."),
        (" ", "This field may not be blank."),
        (None, "This field may not be null."),
        ("nowhere", "No outlet is known by this name. Add it first."),
    ],
)
def test_what_names_no_outlet_is_told_why(client, send, sent, said):
    draft = factories.create_claim(stage="draft")
    address = f"/api/v1/claims/{draft.slug}/citations/"

    response = send(address, {"outlet": sent})

    assert (response.status_code, response.json()["errors"]) == (400, {"outlet": [said]})
    outlet = factories.create_outlet()
    other = send(address, {"outlet": outlet.slug, "reprint_of": ""})
    assert other.json()["citations"][0]["reprint_of"] is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "text"),
        ({"text": "x", "claimant": "nobody"}, "claimant"),
        ({"text": "x", "language": "English!"}, "language"),
        ({"text": "x", "claimed_on": "2021-02-30"}, "claimed_on"),
        ({"text": "x", "paragraph": 10**30}, "paragraph"),
        ({"text": "\x00"}, "text"),
        ([], "non_field_errors"),
    ],
)
def test_a_bad_draft_is_refused_by_field_and_nothing_is_written(send, data, field):
    response = send("/api/v1/claims/", data)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert field in response.json()["errors"]
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text": "\xff"}', "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b'"' + b"x" * (1 << 20) + b'"', "application/json", 413),
        (b"text=x", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_hostile_body_is_refused(send, body, kind, status):
    response = send("/api/v1/claims/", body, kind=kind)

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")


def test_nobody_writes_without_a_token_or_past_a_role(send, contributor, reviewer):
    factories.create_outlet(slug="outlet")
    claim = factories.create_claim(slug="public")
    citation = {"outlet": "outlet"}

    for key in ("", "wrong"):
        refused = send("/api/v1/claims/", {"text": "x"}, key=key)
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"].startswith("Bearer")
    # Readers see it: a contributor may not change it, a reviewer may.
    assert send("/api/v1/claims/public/citations/", citation).status_code == 403
    token = Token.objects.create(user=reviewer)
    missing = send("/api/v1/claims/public/citations/", citation, key=token.key)
    assert (missing.status_code, "reason" in missing.json()["errors"]) == (400, True)
    citation["reason"] = "A second report."
    assert send("/api/v1/claims/public/citations/", citation, key=token.key).status_code == 201
    assert claim.verifications.get(kind="publication").content["citations"]
    assert claim.citations.count() == 1
    contributor.groups.clear()
    assert send("/api/v1/claims/", {"text": "x"}).status_code == 403
    type(contributor).objects.update(is_active=False)
    assert send("/api/v1/claims/", {"text": "x"}).status_code == 401


# What it says of itself

_document = schema.document()
_api = schemathesis.openapi.from_dict(_document)
_api.app = application


@pytest.fixture
def _app(sample, settings):
    settings.FACTCHECK_API_RATE = ""
    # A request's end would close the connection that holds the test's transaction.
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


# What it sends is refused or read before the database says anything of its own.
@pytest.mark.sqlite
@pytest.mark.usefixtures("_app")
@_api.parametrize()
@how(max_examples=8, suppress_health_check=list(HealthCheck))
# A slug that is unknown and a cursor of nowhere fit the schema and are refused all the same.
def test_the_api_does_what_its_description_says(case: Case):
    case.call_and_validate(
        headers={"Accept-Encoding": "identity"},
        excluded_checks=[schemathesis.checks.CHECKS.get_one("positive_data_acceptance")],
    )


def test_the_description_names_each_operation_with_its_errors(client, tmp_path):
    found = get(client, "/api/schema/")

    assert found["openapi"].startswith("3.1")
    # Its own warnings are failures.
    call_command("spectacular", "--validate", "--fail-on-warn", file=tmp_path / "schema.yml")
    assert {f"{path.split('{')[0]}" for path in found["paths"]} >= set(LISTS)
    for path, item in found["paths"].items():
        for method, operation in item.items():
            wanted = {"401", "429"} | ({"404"} if "{" in path else set())
            wanted |= {"400", "403", "413", "415"} if method == "post" else set()
            assert wanted <= set(operation["responses"]), (path, method)
    names = {one["name"] for one in found["paths"]["/api/v1/claims/"]["get"]["parameters"]}
    assert {"q", "status", "outlet", "independent_max", "sort", "after", "expand"} <= names


def test_the_description_lets_an_empty_text_be_more_than_one_thing(client):
    found = get(client, "/api/schema/")["components"]["schemas"]

    def all_of(part):
        parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        yield from (part, *(one for other in parts for one in all_of(other)))

    # An empty text is text of any length, too.
    empty = {"type": "string", "maxLength": 0}
    assert not [part for part in all_of(found) if isinstance(part, dict) and "oneOf" in part
                and empty in part["oneOf"]]  # fmt: skip
    link = {"type": "string", "format": "uri", "maxLength": 1000}
    assert found["CitationDraftRequest"]["properties"]["url"]["anyOf"] == [link, empty]
    assert found["CitationRow"]["properties"]["url"]["title"] == "Link"


def test_each_line_of_the_page_on_the_api_can_be_run(client, sample, settings):
    factories.create_verification(Claim.objects.published().first())
    page = client.get("/api/")
    lines = [operation["curl"] for operation in page.context["operations"]]

    assert len(lines) == sum(len(item) for item in _document["paths"].values())
    for line in lines:
        if "--json" not in line:
            address = line.split("'")[1].removeprefix(settings.FACTCHECK_SITE_URL)
            assert client.get(address).status_code == 200, line
        else:
            json.loads(line.split("--json '")[1].split("'")[0])


GONE = {"retracted_at": timezone.now(), "retraction_reason": "Said twice."}


@pytest.mark.parametrize("query", ["", "?stance=supports", "?role=reporting"])
def test_a_record_lists_total_is_that_of_its_rows(client, db, query):
    for stage in Stage.values:
        claim = factories.create_claim(stage=stage, **GONE if stage == Stage.RETRACTED else {})
        factories.create_citation(claim)
        factories.create_citation(claim, stance="disputes")
        factories.create_verification(claim)

    for noun in ("citations", "verifications"):
        answer = client.get(f"/api/v1/{noun}/{query if noun == 'citations' else ''}").json()
        assert answer["count"] == len(answer["results"]) > 0
