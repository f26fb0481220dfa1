"""The public pages, as readers get them."""

import re
from datetime import date
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from factcheck import editing, search
from factcheck.formatting import format_date_text
from factcheck.models import Claim, Outlet, Status
from factcheck.queries import claim_detail
from factcheck.views import claim_rows, source_maps
from tests import factories
from tests.public_pages import ENDPOINTS, PAGES, text

pytestmark = pytest.mark.django_db

# A script that is neither a file of ours nor data.
FOREIGN = re.compile(
    rb"<script(?! (type=\"application/ld\+json\"|src=\"/static/[\w/.-]+\" defer)>)"
)


def parsed(query):
    return QueryDict(query).lists()


@pytest.mark.parametrize("path", PAGES + ENDPOINTS)
def test_every_page_answers_with_a_strict_policy_and_without_a_cookie(client, sample, path):
    response = client.get(path)

    assert response.status_code == 200
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not response.cookies
    html = response.getvalue() if path.endswith("/") else b""
    assert not re.search(rb"style=|\son\w+=", html)
    assert not FOREIGN.search(html)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_on_an_empty_database(client, db, path):
    assert client.get(path).status_code in {200, 404}


def test_a_claim_says_what_it_rests_on(client, sample):
    response = client.get("/claims/embassy-in-kabul-stays-open/")

    seen = text(response)
    assert "4 citations · 4 outlets · 2 independent" in seen
    assert "State of Kazakhstan 3 outlets" in seen
    assert "Tengrinews.kz owner not known" in seen
    assert [group.name for group in response.context["owner_groups"]] == [
        "State of Kazakhstan",
        "Tengrinews.kz",
    ]


def test_the_list_says_what_each_claim_rests_on(client, sample):
    seen = text(client.get("/claims/?q=embassy+in+kabul"))

    assert "4 citations · 4 outlets · 2 independent" in seen
    assert "Akorda.kz state" in seen


def test_a_verified_claim_shows_reason_evidence_and_history(client, sample):
    response = client.get("/claims/unama-founded-in-march-2002/")

    seen = text(response)
    assert "Security Council resolution 1401 (2002)" in seen
    assert "https://undocs.org/S/RES/1401(2002)" in response.content.decode()
    assert "Unverified → became True" in seen
    assert "log no. 1" in seen
    assert "Cited nearby, but not its source" in seen


def test_an_unverified_claim_says_that_this_says_nothing(client, sample):
    seen = text(client.get("/claims/trade-first-half-2021/"))

    assert "Nobody here has checked this claim yet." in seen


@pytest.mark.parametrize("stage", ["draft", "review"])
def test_a_draft_is_seen_by_editors_alone(client, contributor, stage):
    claim = factories.create_claim(stage=stage)

    assert client.get(claim.get_absolute_url()).status_code == 404
    client.force_login(contributor)
    response = client.get(claim.get_absolute_url())

    assert response.status_code == 200
    assert "Only editors see this page" in text(response)


def test_a_retracted_claim_keeps_its_page_and_leaves_every_list(client, reviewer):
    topic = factories.create_topic()
    article, claimant = factories.create_article(), factories.create_claimant()
    outlet = factories.create_outlet()
    claim = factories.create_claim(
        text="Retract me", topics=[topic], article=article, claimant=claimant
    )
    factories.create_citation(claim, outlet)
    factories.create_verification(claim)
    editing.retract(claim=claim, by=reviewer, reason="A duplicate of another.")

    response = client.get(claim.get_absolute_url())

    assert response.status_code == 200
    assert "A duplicate of another." in text(response)
    for path in (
        "/",
        "/claims/",
        *(row.get_absolute_url() for row in (topic, article, claimant, outlet)),
    ):
        assert "Retract me" not in text(client.get(path)), path
    corrections = text(client.get("/corrections/"))
    assert "Retract me" in corrections
    assert "A duplicate of another." in corrections


def test_what_was_recorded_before_publication_is_no_correction(client, reviewer):
    claim = factories.create_claim(stage="draft")
    factories.create_verification(claim, status="false")
    editing.publish(claim=claim, by=reviewer)
    nothing = "Nothing that readers were told has been corrected yet."
    assert nothing in text(client.get("/corrections/"))

    factories.approved(claim, reviewer, status="true", reason="The record was misread.")

    seen = text(client.get("/corrections/"))
    assert "False → became True" in seen
    assert "The record was misread." in seen


def test_a_finding_that_confirms_is_no_correction_and_says_so_on_the_claims_page(client, reviewer):
    claim = factories.create_claim()
    factories.create_verification(claim, status="true")
    factories.approved(claim, reviewer, status="true")

    assert "Nothing that readers were told has been corrected" in text(client.get("/corrections/"))
    assert "Confirmed: True" in text(client.get(claim.get_absolute_url()))


def test_merged_outlets_and_claimants_redirect(client, reviewer):
    outlet, claimant = factories.create_outlet(), factories.create_claimant()
    to_outlet, to_claimant = factories.create_outlet(), factories.create_claimant()
    factories.create_claim(claimant=to_claimant)
    editing.merge_outlets(loser=outlet, winner=to_outlet, by=reviewer)
    editing.merge_claimants(loser=claimant, winner=to_claimant, by=reviewer)

    for loser, winner in ((outlet, to_outlet), (claimant, to_claimant)):
        response = client.get(loser.get_absolute_url())
        assert (response.status_code, response["Location"]) == (301, winner.get_absolute_url())
    assert outlet.name not in text(client.get("/outlets/"))


def test_an_outlet_counts_its_claims_with_denominators(client, sample):
    seen = text(client.get("/outlets/tass/"))

    assert "State of Russia (Government)" in seen
    assert "Rossiyskaya Gazeta" in seen
    assert "Claims that rest on it 4" in seen
    assert "Decided 0 of 4" in seen
    assert "Fewer than 10 of its claims have been decided" in seen


def test_articles_without_a_public_claim_are_not_shown(client):
    article = factories.create_article()
    factories.create_claim(stage="draft", article=article)

    assert article.title not in text(client.get("/articles/"))
    assert client.get(article.get_absolute_url()).status_code == 404


def test_what_is_for_editors_alone_is_on_no_page(client):
    article = factories.create_article(text="Somebody's copyright")
    claim = factories.create_claim(article=article, source_text="Their own sentence")

    for path in (claim.get_absolute_url(), article.get_absolute_url(), "/claims/", "/articles/"):
        page = client.get(path).content.decode()
        assert "copyright" not in page
        assert "Their own sentence" not in page


NASTY = "<script>alert(1)</script>\"'&{{ 7|add:7 }}"


def test_nothing_that_is_typed_becomes_markup(client, reviewer):
    outlet = factories.create_outlet(name=NASTY, note=NASTY, native_name=NASTY[:20])
    claimant = factories.create_claimant(name=NASTY, role=NASTY)
    topic = factories.create_topic(name=NASTY)
    article = factories.create_article(title=NASTY, author=NASTY)
    claim = factories.create_claim(
        text=NASTY, native_text=NASTY, claimant=claimant, article=article, topics=[topic]
    )
    factories.create_citation(claim, outlet, title=NASTY, quote=NASTY, url="https://example.org/")
    factories.create_verification(claim)
    reason = NASTY + "\n\n[x](javascript:alert(1))"
    factories.approved(claim, reviewer, status="false", reason=reason, label=NASTY)

    rows = (claim, outlet, claimant, topic, article)
    for path in ("/", "/claims/", "/corrections/", *(row.get_absolute_url() for row in rows)):
        page = client.get(path).content.decode()
        assert not FOREIGN.search(page.encode())
        assert 'href="javascript' not in page
        assert escape("<script>alert(1)") in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%3Cscript%3Ealert(1)%3C/script%3E",
        "q=%27%20OR%201=1--",
        "q=%00",
        "q=" + "a" * 5000,
        "q=%F0%9F%92%A5&sort=relevance",
        "q=%25%5C_&sort=relevance",
        "outlet=%00&owner=%00&status=%00&country=%00",
        "outlet=" + "x" * 3000,
        "&".join(f"outlet=o{n}" for n in range(900)),
        "year=0000&year=99999",
        "claimed_after=0000-00-00&claimed_before=9999-12-31",
        "independent_min=1e9",
        "after=%00&before=%FF",
        "after[]=1&page_size=-1&sort=%00",
        "%FF=%FE",
    ],
)
@pytest.mark.parametrize("path", ["/claims/", "/outlets/", "/articles/", "/corrections/"])
def test_no_query_string_breaks_a_page(client, sample, path, query):
    response = client.get(f"{path}?{query}")

    assert response.status_code == 200
    assert not FOREIGN.search(response.content)


def test_a_bad_value_is_named_beside_the_list(client, sample):
    response = client.get("/claims/?outlet=nowhere&claimed_after=soon&topic=trade")

    seen = text(response)
    assert "There is no “nowhere” here." in seen
    assert "Claimed on or after : This cannot be read as a date." in seen
    assert "7 claims" in seen


def test_a_bad_place_in_the_list_is_named_as_it_was_given(client, sample):
    for name in ("after", "before"):
        html = client.get(f"/claims/?{name}=nonsense").content.decode()
        assert f'<a href="#field-{name}">Page</a>' in html


def test_chips_and_counts(client, sample):
    response = client.get("/claims/?outlet=tass&status=unverified&claimed_before=2022-01-01")

    page = response.content.decode()
    assert [(chip.name, chip.label) for chip in response.context["chips"]] == [
        ("Status", "Unverified"),
        ("Outlet", "TASS"),
        ("Claimed on or before", "1 January 2022"),
    ]
    assert 'href="?status=unverified&amp;claimed_before=2022-01-01"' in page


def test_pages_follow_each_other(client, sample):
    first = client.get("/claims/?topic=diplomacy&topic=trade&topic=background&topic=security")
    links = first.context["links"]
    assert set(links) == {"after"}

    second = client.get(f"/claims/{links['after']}")

    shown = {claim.id for claim in first.context["page"].rows}
    assert not shown & {claim.id for claim in second.context["page"].rows}
    assert "before" in second.context["links"]
    back = client.get(f"/claims/{second.context['links']['before']}")
    assert {claim.id for claim in back.context["page"].rows} == shown


def test_an_address_finds_its_outlet_in_the_list(client, sample):
    page = client.get("/outlets/", {"q": "https://www.tengrinews.kz/news/1/"}).context["page"]

    assert [outlet.slug for outlet in page.rows] == ["tengrinews"]


@pytest.mark.parametrize("typed", ["...", "😀", "-"])
def test_a_search_without_a_word_shows_every_claim_and_says_so(client, sample, typed):
    said = "There is no word to look for in"
    response = client.get("/claims/", {"q": typed})
    html = response.content.decode()
    head = re.search(r'id="result-count">(.*?)</h2>', html, re.S)[1]

    assert response.status_code == 200
    assert head.split() == [str(Claim.objects.published().count()), "claims"]
    assert f"{said} “{typed}”" in html
    assert "Part of this address was left out" not in html
    for query in ("", "?q=+", "?q=kabul", "?q=kabul+..."):
        assert said not in client.get(f"/claims/{query}").content.decode(), query
    assert "for “kabul”" in client.get("/claims/?q=kabul").content.decode()


def test_an_empty_result_says_so(client, sample):
    assert "No claim fits." in text(client.get("/claims/?q=nowhere+to+be+found"))


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/claims/none/", 404, "There is no such page"),
        ("/nowhere/", 404, "There is no such page"),
        ("/outlets/none/", 404, "There is no such page"),
    ],
)
def test_what_is_not_there_gets_our_own_page(client, db, path, status, said):
    response = client.get(path)

    assert response.status_code == status
    assert said in text(response)


def test_a_fault_of_ours_gets_our_own_page(db, monkeypatch):
    from factcheck.views import claims

    monkeypatch.setattr(claims, "ClaimFilter", None)
    client = Client(raise_request_exception=False)

    response = client.get("/claims/")

    assert response.status_code == 500
    assert "The fault is ours" in text(response)


def test_a_bad_request_and_a_lost_form_get_our_own_pages(db, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    refused = Client().get("/", headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert "cannot be understood" in text(refused)

    lost = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert lost.status_code == 403
    assert "This form is too old" in text(lost)


def test_a_page_that_is_not_allowed_gets_our_own_page(client, contributor):
    client.force_login(contributor)

    response = client.get("/admin/factcheck/verification/add/")

    assert response.status_code == 403
    assert "Your role does not allow this." in text(response)


def test_the_site_says_who_it_is(client, db, settings):
    settings.FACTCHECK_PUBLISHER = "The Steppe Desk"
    settings.FACTCHECK_CONTACT = "desk@example.org"
    settings.FACTCHECK_DATA_LICENSE = "CC BY 4.0"

    page = client.get(reverse("home")).content.decode()

    assert "The Steppe Desk" in page
    assert "mailto:desk@example.org" in page
    assert "CC BY 4.0" in page


def test_the_home_page_says_what_is_in_the_database(client, sample):
    seen = text(client.get("/"))

    assert f"{Claim.objects.count()} claims" in seen
    assert f"{Outlet.objects.count()} outlets" in seen
    assert "Kazakhstan had agreed to admit some 2,000 Afghan refugees." in seen


@pytest.mark.parametrize(
    "query",
    [
        "outlet=lsm&status=true",
        "topic=trade&status=true&q=nothing",
        "country=KZ&country=RU&country=ZZ&owner=state-of-russia&topic=trade",
        "claimant=george-voloshin&article=kazakhstan-afghanistan-2021&year=1999&language=xx",
        "stance=disputes&control=public&basis=uncited&claimed_after=2030-01-01&independent_min=9",
        "sort=oldest&page_size=50&outlet=tass",
    ],
)
def test_the_filter_form_sends_back_what_was_chosen(client, sample, query):
    page = client.get(f"/claims/?{query}").content.decode()

    ticked = re.findall(r'name="(\w+)" id="[^"]*" value="([^"]*)" checked', page)
    typed = re.findall(r'name="(\w+)" value="([^"]+)"(?! checked)[^>]*>', page)
    options = re.findall(r'name="(\w+)".*?<option(?: value="(\w+)")? selected>(\w+)', page)
    sent = {*ticked, *typed, *((name, value or label) for name, value, label in options)}
    assert {(name, value) for name, values in parsed(query) for value in values} <= sent


def test_an_outlet_that_only_drafts_cite_is_listed_once_it_is_confirmed_or_published(client, db):
    outlet = factories.create_outlet(name="Fresh Wire", is_confirmed=False)
    claim = factories.create_claim(stage="draft")
    factories.create_citation(claim, outlet)
    assert "Fresh Wire" not in client.get("/outlets/").content.decode()

    claim.stage = "published"
    claim.save()
    assert "Fresh Wire" in client.get("/outlets/").content.decode()


def test_the_facet_of_outlets_has_a_search_box_of_its_own(client):
    claim = factories.create_claim()
    for number in range(30):
        factories.create_citation(claim, factories.create_outlet(name=f"Site {number}"))
    rare = factories.create_outlet(name="Қапитал & <Co>", slug="kapital")
    factories.create_citation(claim, rare)

    assert client.get("/claims/").content.decode().count('name="outlet"') == 20
    html = client.get("/claims/?outlet_name=қапит").content.decode()

    assert html.count('name="outlet"') == 1
    assert 'Қапитал &amp; &lt;Co&gt;</span><span class="count">1<' in html
    assert 'value="қапит"' in html
    # It narrows the panel, not the list: it is no chip, and the links keep it.
    assert "1 claim" in html
    assert "Remove the filter" not in html
    with_filter = client.get("/claims/?outlet_name=қапит&status=unverified").content.decode()
    assert "?outlet_name=%D2%9B" in with_filter


def test_hits_are_marked_in_text_claimant_and_outlets_and_nothing_breaks_out(client):
    claimant = factories.create_claimant(name="Тоқаев <b>")
    claim = factories.create_claim(
        text="<script>Tokayev</script> & more", claimant=claimant, language='en"onload="x'
    )
    factories.create_citation(claim, factories.create_outlet(name="Tokayev's <i>Daily"))
    search.drain()

    html = client.get("/claims/?q=Токаева").content.decode()

    assert "&lt;script&gt;<mark>Tokayev</mark>&lt;/script&gt; &amp; more" in html
    assert "<mark>Тоқаев</mark> &lt;b&gt;" in html
    assert "<mark>Tokayev&#x27;s</mark> &lt;i&gt;Daily" in html
    assert 'onload="x"' not in html


def test_a_statement_that_only_its_own_language_holds_is_shown_in_it(client):
    factories.create_claim(
        text="It fell", native_text="Ол құлады", native_language="kk", slug="fell"
    )
    search.drain()

    html = client.get("/claims/?q=құлады").content.decode()

    assert '<p class="original" lang="kk">Ол <mark>құлады</mark></p>' in html
    assert '<p class="original"' not in client.get("/claims/?q=fell").content.decode()


def test_large_counts_are_grouped_and_addresses_are_not(client, reviewer):
    claim = factories.create_claim(id=1_234_567)
    assert '<span class="count">1,234,567</span>' in claim_rows.choice_boxes(
        "status", [("true", "True", 1_234_567, False)]
    )
    client.force_login(reviewer)
    page = client.get(reverse("admin:factcheck_claim_change", args=[claim.pk])).text
    assert "?ids=1234567" in page
    assert "1,234,567" not in page


# Home, an article, a claim's neighbours


def test_home_counts_every_status_however_few_have_it(client, db):
    for number, status in enumerate(Status.values):
        for _n in range(9 - number):
            claim = factories.create_claim()
            if status != Status.UNVERIFIED:
                factories.create_verification(claim, status=status)

    page = client.get("/")

    assert [status.value for status, _n in page.context["tally"]["rows"]] == Status.values
    html = page.content.decode()
    for status, count in page.context["tally"]["rows"]:
        assert f"<title>{status.label}: {count}</title>" in html


def test_an_article_is_read_paragraph_by_paragraph(client, sample):
    page = client.get("/articles/kazakhstan-afghanistan-2021/")

    paragraphs = page.context["paragraphs"]
    numbers = [paragraph["number"] for paragraph in paragraphs]
    assert numbers == sorted(set(numbers))
    assert sum(paragraph["count"] for paragraph in paragraphs) == 40
    first = Claim.objects.filter(paragraph=1)
    cited = Outlet.objects.filter(citations__claim__in=first).distinct()
    assert paragraphs[0]["count"] == first.count()
    assert paragraphs[0]["outlets"] == cited.count()
    assert paragraphs[0]["state"] == cited.filter(control="state").count()
    assert page.content.decode().count('<rect class="bar bar-unverified"') == 34


@pytest.mark.parametrize(
    ("days", "form"),
    [
        pytest.param(["2021-08-20", "2021-08-22"], ["20 August 2021", "22 August 2021"], id="days"),
        pytest.param(
            ["2020-12-31", "2021-09-01"], ["December 2020", "September 2021"], id="months"
        ),
        pytest.param(["1999-01-01", "2021-09-01"], ["1999", "2021"], id="years"),
        pytest.param(["0001-01-01", "9999-12-31"], ["1", "9999"], id="all of time"),
    ],
)
def test_a_chart_of_time_takes_the_finest_unit_that_fits(days, form):
    drawn, slots = source_maps.days_chart({date.fromisoformat(day): 2 for day in days}, "Reports")

    titles = re.findall(r"<title>([^<]*): 2</title>", drawn)
    assert [title.lstrip("0") for title in titles] == form
    assert [slot.name for slot in slots] == titles
    assert slots[0].first <= date.fromisoformat(days[0]) <= slots[0].last


def test_an_outlets_table_of_time_leads_to_the_claims_of_each_day(client, sample):
    page = client.get("/outlets/tengrinews/").content.decode()

    links = re.findall(r'href="(/claims/\?outlet=tengrinews&amp;cited_after=[^"]+)"', page)
    numbers = re.findall(r'rel="nofollow">[^<]+</a></th><td class="number">(\d+)</td>', page)
    assert len(links) == len(numbers) > 2
    for link, number in zip(links, numbers, strict=True):
        assert client.get(unescape(link)).context["total"] == int(number)


def test_a_claims_neighbours_are_of_its_paragraph_or_else_of_its_claimant(client, db):
    article, claimant = factories.create_article(), factories.create_claimant()
    here = {"article": article, "paragraph": 2}
    claim = factories.create_claim(**here)
    beside = factories.create_claim(**here)
    factories.create_claim(**here, stage="draft")
    factories.create_claim(article=article, paragraph=3)
    said, also = (factories.create_claim(claimant=claimant) for _n in range(2))
    alone = factories.create_claim()

    assert [row.id for row in claim_detail.related_claims(claim)] == [beside.pk]
    assert [row.id for row in claim_detail.related_claims(said)] == [also.pk]
    assert claim_detail.related_claims(alone) == []
    # What the page was on a past day has none: they are of today.
    assert client.get(claim.get_absolute_url()).context["related"]


def test_every_desk_is_closed_to_robots_and_no_path_is_taken_for_a_language(client, db):
    robots = client.get("/robots.txt").content.decode()
    for desk in ("/admin/", "/ru/admin/", "/kk/admin/"):
        assert f"Disallow: {desk}\n" in robots
    assert 'href="/ru/None/x/"' in client.get("/None/x/").content.decode()
    assert "hreflang" not in client.get("/None/x/").content.decode().split("<body>")[0]


@pytest.mark.parametrize("printed", ["0000-05", "2021-13", "--02-30", "x"])
def test_a_date_that_only_bulk_code_could_write_is_printed_as_it_stands(printed):
    assert format_date_text(printed) == printed


def test_the_parts_are_shown_to_developers_alone(client, settings, db):
    assert client.get("/about/style/").status_code == 404

    settings.DEBUG = True
    page = client.get("/ru/about/style/").content.decode()

    for status in Status:
        assert f"status-{status.value}" in page
        assert f"verdict-{status.value}" in page
    assert Claim.objects.count() == 0
