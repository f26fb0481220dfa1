"""The admin, as each role uses it."""

import io
from datetime import date

import pytest
import tablib
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from factcheck import data_version, search
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Outlet,
    RatingLabel,
    SearchPending,
    Verification,
)
from tests import factories
from tests.admin_forms import ADD, RECORD, change_page, confirm_act, errors, form, told

pytestmark = pytest.mark.django_db


def test_from_an_empty_form_to_a_published_and_verified_claim(client, reviewer):
    client.force_login(reviewer)
    outlets = [factories.create_outlet(), factories.create_outlet()]
    topic = factories.create_topic()

    response = client.post(
        ADD,
        form(
            claimed_on="2021-08-15",
            claimant=factories.create_claimant().pk,
            article=factories.create_article().pk,
            topics=[topic.pk],
            citations=[{"outlet": outlet.pk, "date_text": "2021-08-15"} for outlet in outlets],
            proposal={"status": "false", "reason": "The *treaty* says so."},
            evidence=[RECORD],
            _publish="1",
        ),
        follow=True,
    )

    asked = response.content.decode()
    assert "The bridge was opened in May." in asked
    assert "<em>treaty</em>" in asked
    assert not Verification.objects.exists()
    assert Claim.objects.get().stage == "draft"
    response = confirm_act(client, response, _approve="1")
    assert any("Published: The bridge was opened" in message for message in told(response))
    claim = Claim.objects.get()
    assert claim.slug == "the-bridge-was-opened-in-may"
    assert (claim.stage, claim.status, claim.independent_count) == ("published", "false", 2)
    assert (claim.created_by, claim.published_at is not None) == (reviewer, True)
    verification = Verification.objects.get(kind="finding")
    assert (verification.reviewer, verification.approved_by) == (reviewer, reviewer)
    assert verification.evidence.get().title == "Treaty"
    shown = client.get(change_page(claim)).content.decode()
    assert "<em>treaty</em>" in shown
    assert "https://example.org/treaty" in shown
    assert client.get(claim.get_absolute_url()).status_code == 200


@pytest.fixture
def draft():
    """A form that could be published, with a finding, sent to be looked at."""
    return form(
        citations=[{"outlet": factories.create_outlet().pk}],
        proposal={"status": "false", "reason": "The *treaty* says so."},
        evidence=[RECORD],
        _preview="1",
    )


def test_a_form_is_shown_as_readers_will_see_it_and_nothing_is_kept(client, reviewer, draft):
    client.force_login(reviewer)
    search.drain()

    page = client.post(ADD, draft)

    seen = page.content.decode()
    assert page.status_code == 200
    assert "<em>treaty</em>" in seen
    assert "1 citation · 1 outlet · 1 independent" in seen
    assert 'class="verdict verdict-false"' in seen
    assert "Only editors see this page" not in seen
    for model in (Claim, Claim.history.model, Verification, LogEntry, SearchPending):
        assert not model.objects.exists()
    # Nor is anything told of it afterwards.
    assert list(client.get(ADD).context["messages"]) == []


@pytest.mark.django_db(transaction=True)  # PostgreSQL's own snapshot is a part of the version
def test_a_change_is_shown_and_not_kept(client, reviewer, draft):
    client.force_login(reviewer)
    claim = factories.create_claim(text="As it was.", stage="published")
    factories.create_claim(claimant=claim.claimant)
    before = data_version.version()

    page = client.post(change_page(claim), draft | {"text": "Other words."})

    assert ">Other words.</h1>" in page.content.decode()
    claim.refresh_from_db()
    assert (claim.text, claim.status, claim.citation_count) == ("As it was.", "unverified", 0)
    assert data_version.version() == before


def test_what_cannot_be_saved_is_not_shown_but_named(client, reviewer, draft):
    client.force_login(reviewer)

    page = client.post(ADD, draft | {"text": "", "claimed_on": "May"})

    seen = page.content.decode()
    assert "Public statement: This field is required." in seen
    assert "Claimed on: This cannot be read as a date." in seen
    assert not Claim.objects.exists()


def test_a_preview_needs_the_right_to_save(client, draft):
    client.force_login(factories.create_editor("reader"))

    assert client.post(ADD, draft).status_code == 403


def test_an_untouched_proposal_is_no_proposal(client, reviewer):
    client.force_login(reviewer)

    client.post(ADD, form())

    claim = Claim.objects.get()
    assert claim.stage == "draft"
    assert not claim.proposals.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"text": ""}, "This field is required", id="no text"),
        pytest.param(
            {"proposal": {"status": "true", "reason": "So."}}, "Add a record", id="no evidence"
        ),
        pytest.param(
            {
                "proposal": {"status": "true", "reason": "So."},
                "evidence": [{"url": "javascript:alert(1)"}],
            },
            "Record 1: Write a web address that begins with http",
            id="evidence that runs",
        ),
        pytest.param({"claimed_on": "soon"}, "This cannot be read as a date", id="no day"),
        pytest.param({"language": "English!"}, "No language is called", id="no language"),
    ],
)
def test_a_bad_form_says_what_to_do_and_writes_nothing(client, reviewer, change, said):
    client.force_login(reviewer)

    response = client.post(ADD, form(**change))

    assert response.status_code == 200
    assert said in errors(response)
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("citation", "said"),
    [
        ({"date_text": "in August"}, "Write it as 20 August 2021, 2021-08-20"),
        ({"date_text": "2021-08", "date_end": "2021-08-20"}, "A range needs its first day"),
        ({"date_text": "2021-08-20", "date_end": "2021-08-01"}, "A range ends on or after"),
        ({"date_text": "2021-08-20", "url": "ftp://example.org/x"}, "Write a web address"),
        ({"date_text": "2021-08-20", "url": "javascript:alert(1)"}, "Write a web address"),
    ],
)
def test_a_bad_citation_is_refused_at_its_place(client, reviewer, citation, said):
    client.force_login(reviewer)
    outlet = factories.create_outlet()

    response = client.post(ADD, form(citations=[{"outlet": outlet.pk, **citation}]))

    assert said in errors(response)
    assert not Claim.objects.exists()


def test_the_same_citation_twice_is_refused(client, reviewer):
    client.force_login(reviewer)
    outlet = factories.create_outlet()
    row = {"outlet": outlet.pk, "date_text": "2021-08-20"}

    response = client.post(ADD, form(citations=[row, row]))

    assert response.status_code == 200
    assert not Citation.objects.exists()


def test_the_articles_sentence_is_published_only_as_a_quotation(client, reviewer):
    client.force_login(reviewer)
    sentence = "The bridge was opened in May."

    refused = client.post(ADD, form(source_text=sentence, _publish="1"))
    assert "own words" in errors(refused)
    assert not Claim.objects.exists()

    quoted = form(source_text=sentence, is_quotation="on", _publish="1")
    confirm_act(client, client.post(ADD, quoted, follow=True))
    assert Claim.objects.get().stage == "published"


def test_a_contributor_submits_and_a_reviewer_decides(client, contributor, reviewer):
    client.force_login(contributor)
    page = client.get(ADD).content.decode()
    assert "Save and submit for review" in page
    assert "Save and publish" not in page
    assert "Save and approve" not in page
    client.post(
        ADD,
        form(
            proposal={"status": "true", "reason": "So."},
            evidence=[RECORD],
            _submit="1",
            _publish="1",
            _approve="1",
        ),
    )

    claim = Claim.objects.get()
    assert claim.stage == "review"
    assert claim.proposals.get().proposed_by == contributor
    assert not Verification.objects.exists()

    client.force_login(reviewer)
    assert "Save and approve" in client.get(change_page(claim)).content.decode()
    proposals = reverse("admin:factcheck_proposal_changelist")
    asked = client.post(
        proposals, {"action": "approve_proposals", "_selected_action": [claim.proposals.get().pk]}
    )
    assert not Verification.objects.exists()
    confirm_act(client, asked)
    assert Verification.objects.get().approved_by == reviewer


def test_with_two_people_nobody_approves_their_own(client, settings, reviewer, contributor):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = True
    client.force_login(reviewer)
    assert "Save and approve" not in client.get(ADD).content.decode()
    own = factories.create_proposal(proposed_by=reviewer)
    others = factories.create_proposal(proposed_by=contributor)

    response = client.post(
        reverse("admin:factcheck_proposal_changelist"),
        {"action": "approve_proposals", "_selected_action": [own.pk, others.pk]},
    )
    assert "Another reviewer must approve" in response.content.decode()
    confirm_act(client, response)

    assert Verification.objects.get().claim == others.claim
    other_page = client.get(change_page(factories.create_proposal(proposed_by=contributor).claim))
    assert "Save and approve" in other_page.content.decode()


def test_a_contributor_does_not_touch_what_is_published(client, contributor):
    client.force_login(contributor)
    citation = factories.create_citation()
    claim = citation.claim
    claim.refresh_from_db()

    assert client.post(change_page(claim), form(text="Changed")).status_code == 403
    change = reverse("admin:factcheck_citation_change", args=[citation.pk])
    assert client.post(change, {"stance": "disputes"}).status_code == 403
    delete = reverse("admin:factcheck_citation_delete", args=[citation.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    listing = reverse("admin:factcheck_citation_changelist")
    client.post(
        listing,
        {"action": "delete_selected", "_selected_action": [citation.pk], "post": "yes"},
    )
    assert Citation.objects.filter(pk=citation.pk).exists()
    claims = reverse("admin:factcheck_claim_changelist")
    for action in ("publish_claims", "retract_claims", "delete_selected"):
        client.post(claims, {"action": action, "_selected_action": [claim.pk], "post": "yes"})
    for act in ("publish", "retract", "restore"):
        page = reverse("admin:factcheck_claim_act", args=[act])
        assert client.post(page, {"ids": claim.pk, "reason": "x"}).status_code == 403
        assert client.get(f"{page}?ids={claim.pk}").status_code == 403
    claim.refresh_from_db()
    assert (claim.stage, claim.text != "Changed") == ("published", True)


def test_a_citation_cannot_be_smuggled_onto_a_published_claim(client, contributor):
    client.force_login(contributor)
    draft, published = factories.create_claim(stage="draft"), factories.create_claim()
    citation = factories.create_citation(draft)

    client.post(
        reverse("admin:factcheck_citation_change", args=[citation.pk]),
        {
            "claim": published.pk,
            "outlet": citation.outlet_id,
            "date_text": "2021-08-20",
            "stance": "supports",
            "role": "reporting",
            "position": 0,
        },
    )

    citation.refresh_from_db()
    assert citation.claim == draft


def test_a_contributor_proposes_on_a_published_claim(client, contributor):
    client.force_login(contributor)
    claim = factories.create_claim()

    client.post(
        "/admin/factcheck/proposal/add/",
        {
            "claim": claim.pk,
            "status": "false",
            "reason": "So.",
            **{f"evidence-0-{name}": value for name, value in RECORD.items()},
        },
    )

    proposal = claim.proposals.get()
    assert (proposal.proposed_by, proposal.evidence) == (contributor, [RECORD])


def test_actions_move_several_claims(client, reviewer):
    client.force_login(reviewer)
    claims = [factories.create_claim(stage="draft") for _ in range(2)]
    chosen = {"_selected_action": [claim.pk for claim in claims]}
    listing = reverse("admin:factcheck_claim_changelist")

    def act(name):
        asked = client.post(listing, {"action": name, **chosen})
        assert all(claim.text in asked.content.decode() for claim in claims)
        return asked

    confirm_act(client, act("submit_claims"))
    assert set(Claim.objects.values_list("stage", flat=True)) == {"review"}
    confirm_act(client, act("publish_claims"))
    assert set(Claim.objects.values_list("stage", flat=True)) == {"published"}

    missing = confirm_act(client, act("retract_claims"), reason=" ")
    assert "Give a reason" in missing.content.decode()
    confirm_act(client, missing, reason="Both are duplicates.")
    assert set(Claim.objects.values_list("stage", flat=True)) == {"retracted"}

    confirm_act(client, act("restore_claims"), reason="They are not.")
    assert set(Claim.objects.values_list("stage", flat=True)) == {"published"}
    kinds = Verification.objects.order_by("number").values_list("kind", flat=True)
    assert list(kinds) == [
        kind for kind in ("publication", "retraction", "restoration") for _ in range(2)
    ]


@pytest.mark.parametrize("ids", ["", "x", "1,x,-1", "9" * 30, "9" * 6000, "%00"])
def test_ids_that_are_none_choose_no_claim(client, reviewer, ids):
    client.force_login(reviewer)
    page = reverse("admin:factcheck_claim_act", args=["retract"])

    assert "No claim was chosen." in client.get(f"{page}?ids={ids}").content.decode()


@pytest.mark.parametrize("pk", ["x", "999999", "-1"])
def test_a_claim_that_is_not_there_is_not_found(client, reviewer, pk):
    client.force_login(reviewer)

    for answer in (client.get, client.post):
        assert answer(f"/admin/factcheck/claim/{pk}/change/").status_code in {302, 404}


def test_a_claim_is_deleted_only_while_nobody_has_seen_it(client, reviewer):
    client.force_login(reviewer)
    draft, published = factories.create_claim(stage="draft"), factories.create_claim()
    checked = factories.create_verification(factories.create_claim(stage="draft")).claim

    for claim, status in ((draft, 302), (published, 403), (checked, 302)):
        page = reverse("admin:factcheck_claim_delete", args=[claim.pk])
        assert client.post(page, {"post": "yes"}).status_code == status
    assert set(Claim.objects.all()) == {published}


def test_citations_that_go_together_change_their_claims(client, reviewer):
    client.force_login(reviewer)
    citation = factories.create_citation(factories.create_claim(stage="draft"))
    before = Claim.objects.get().updated_at
    sent = {"action": "delete_selected", "_selected_action": [citation.pk], "post": "yes"}

    assert client.post("/admin/factcheck/citation/", sent).status_code == 302

    assert not Citation.objects.exists()
    assert Claim.objects.get().updated_at > before


def test_the_log_is_for_reading(client, reviewer, admin_client):
    entry = factories.create_verification(evidence=["https://example.org/"])

    for verb in ("change", "delete"):
        page = reverse(f"admin:factcheck_verification_{verb}", args=[entry.pk])
        assert admin_client.post(page, {"status": "false", "post": "yes"}).status_code == 403
    assert admin_client.get("/admin/factcheck/verification/add/").status_code == 403
    shown = admin_client.get(reverse("admin:factcheck_verification_change", args=[entry.pk]))
    assert "https://example.org/" in shown.content.decode()
    assert 'name="status"' not in shown.content.decode()


def test_history_shows_differences(client, reviewer):
    client.force_login(reviewer)
    client.post(ADD, form())
    claim = Claim.objects.get()
    client.post(change_page(claim), form(text="The bridge was opened in June.", slug=claim.slug))

    page = client.get(reverse("admin:factcheck_claim_history", args=[claim.pk]))

    assert "opened in June" in page.content.decode()
    asked = client.post(change_page(claim), form(slug=claim.slug, _publish="1"), follow=True)
    confirm_act(client, asked)
    page = client.get(reverse("admin:factcheck_claim_history", args=[claim.pk]))
    assert "Stage" in page.content.decode()
    assert "published" in page.content.decode()
    assert "opened in May" in page.content.decode()
    assert "reviewer" in page.content.decode()


def old_version(row):
    name = row._meta.model_name
    oldest = row.history.earliest()
    return reverse(f"admin:factcheck_{name}_simple_history", args=[row.pk, oldest.pk])


def test_an_old_version_is_read_and_never_written_back(client, contributor, reviewer):
    claim = factories.create_claim(stage="draft", text="As drafted")
    claim.stage, claim.text = "published", "As published"
    claim.save()
    citation = factories.create_citation(claim)
    rows = (claim, citation, factories.create_outlet(), factories.create_claimant())
    for user in (contributor, reviewer):
        client.force_login(user)
        for row in rows:
            assert client.get(old_version(row)).status_code == 200
            response = client.post(old_version(row), form(text="Back", stage="draft", name="Back"))
            assert response.status_code == 403
    assert "As drafted" in client.get(old_version(claim)).content.decode()
    claim.refresh_from_db()
    assert (claim.stage, claim.text) == ("published", "As published")


def test_a_published_claim_does_not_become_the_articles_sentence(client, reviewer):
    client.force_login(reviewer)
    sentence = "The bridge was opened in May."
    claim = factories.create_claim(text="In May the bridge opened.", source_text=sentence)

    response = client.post(
        change_page(claim),
        form(text=sentence, source_text=sentence, slug=claim.slug, change_reason="Shorter."),
    )

    assert "own words" in errors(response)
    claim.refresh_from_db()
    assert claim.text == "In May the bridge opened."


def edited(proposal, **fields):
    """Return the form of a claim's page with its open proposal edited."""
    claim = proposal.claim
    data = form(text=claim.text, slug=claim.slug)
    return data | {
        "proposals-INITIAL_FORMS": 1,
        "proposals-0-id": proposal.pk,
        "proposals-0-claim": claim.pk,
        "proposals-0-status": proposal.status,
        "proposals-0-reason": proposal.reason,
        **{f"proposals-0-evidence-0-{name}": text for name, text in proposal.evidence[0].items()},
        **{f"proposals-0-{name}": value for name, value in fields.items()},
    }


def test_who_rewrites_a_proposal_signs_it(client, contributor, reviewer, settings):
    settings.FACTCHECK_REQUIRE_SECOND_APPROVER = True
    client.force_login(reviewer)
    proposal = factories.create_proposal(proposed_by=contributor)

    asked = client.post(
        change_page(proposal.claim),
        edited(proposal, status="false", reason="No.") | {"_approve": "1"},
        follow=True,
    )

    assert "Another reviewer must approve" in asked.content.decode()
    confirm_act(client, asked)
    proposal.refresh_from_db()
    assert proposal.proposed_by == reviewer
    assert not Verification.objects.exists()


def test_who_approves_a_proposal_as_it_is_does_not_sign_it(client, contributor, reviewer):
    client.force_login(reviewer)
    proposal = factories.create_proposal(proposed_by=contributor)

    sent = edited(proposal) | {"_approve": "1"}
    confirm_act(client, client.post(change_page(proposal.claim), sent, follow=True))

    entry = Verification.objects.get()
    assert (entry.reviewer, entry.approved_by) == (contributor, reviewer)


def test_staff_without_a_role_neither_import_nor_export(client):
    client.force_login(factories.create_editor("nobody"))

    assert client.get("/admin/factcheck/outlet/export/").status_code == 403
    assert upload(client, f"{COLUMNS}\na,A,state,,a.kz,\n").status_code == 403
    assert client.post("/admin/factcheck/outlet/process_import/", {}).status_code == 403


@pytest.mark.parametrize(
    "evidence",
    [
        [{"title": f"Record {n}", "url": f"https://example.org/{n}"} for n in range(51)],
        [{"title": "a\0b", "url": "https://example.org/"}],
    ],
    ids=["too many records", "a null character"],
)
def test_evidence_that_cannot_be_kept_is_refused(client, reviewer, evidence):
    client.force_login(reviewer)

    response = client.post(
        ADD, form(proposal={"status": "true", "reason": "So."}, evidence=evidence)
    )

    assert errors(response)
    assert not Claim.objects.exists()


def test_a_reason_with_a_null_character_is_refused(client, reviewer):
    client.force_login(reviewer)
    claim = factories.create_claim()
    page = reverse("admin:factcheck_claim_act", args=["retract"]) + f"?ids={claim.pk}"

    assert "Null characters" in client.post(page, {"reason": "a\0b"}).content.decode()


def test_the_articles_text_is_not_in_its_history():
    article = factories.create_article(text="Somebody's copyright")

    assert not hasattr(article.history.first(), "text")
    assert Article.objects.get().text == "Somebody's copyright"


@pytest.mark.parametrize(
    ("model", "term"),
    [
        ("claim", "МОСТ открыт"),
        ("outlet", "вестник"),
        ("claimant", "СЕРИК"),
        ("article", "мост"),
        ("topic", "мосты"),
        ("owner", "холдинг"),
    ],
)
def test_lists_are_searched_in_any_script(client, reviewer, model, term):
    client.force_login(reviewer)
    factories.create_outlet(name="Вестник", owner=factories.create_owner(name="Холдинг"))
    factories.create_claimant(name="Серик")
    factories.create_topic(name="Мосты")
    factories.create_article(title="Новый мост")
    factories.create_claim(text="Мост открыт")
    factories.create_outlet(name="Other")
    factories.create_claim(text="Other")

    page = client.get(reverse(f"admin:factcheck_{model}_changelist"), {"q": term})

    assert page.context["cl"].result_count == 1


def test_the_claims_list_filters_with_counts(client, reviewer):
    client.force_login(reviewer)
    factories.create_claim(stage="draft", claimed_on=date(2021, 5, 5))
    factories.create_citation(factories.create_claim(claimed_on=date(2020, 5, 5)))

    page = client.get("/admin/factcheck/claim/", {"basis": "single_family"})

    assert page.context["cl"].result_count == 1
    assert "One family only (1)" in page.content.decode()
    assert "1 citation · 1 outlet · 1 independent" in page.content.decode()


def test_an_alias_that_belongs_to_another_outlet_is_refused(client, reviewer):
    client.force_login(reviewer)
    factories.create_outlet(name="Vestnik")

    response = client.post(
        "/admin/factcheck/outlet/add/",
        {
            "name": "New",
            "slug": "new",
            "kind": "other",
            "control": "unknown",
            "aliases-TOTAL_FORMS": 1,
            "aliases-INITIAL_FORMS": 0,
            "aliases-0-name": "«VESTNIK»",
        },
    )

    assert "is a name of Vestnik already" in errors(response)
    assert not Outlet.objects.filter(slug="new").exists()


COLUMNS = "slug,name,control,owner,domain,aliases"


def upload(client, body, name="outlets.csv", kind="0"):
    file = SimpleUploadedFile(name, body if isinstance(body, bytes) else body.encode())
    return client.post(
        "/admin/factcheck/outlet/import/", {"format": kind, "import_file": file, "resource": 0}
    )


def confirm(client, preview):
    data = {field.name: field.initial for field in preview.context["confirm_form"]}
    return client.post("/admin/factcheck/outlet/process_import/", data, follow=True)


def test_outlets_come_in_from_csv_with_a_preview(client, reviewer):
    client.force_login(reviewer)
    factories.create_owner(slug="state")
    known = factories.create_outlet(slug="known", name="Known")

    preview = upload(
        client,
        f"{COLUMNS}\n"
        "known,Known,state,state,known.kz,Знакомая; Знак\n"
        "fresh,Fresh,private,,fresh.kz,\n",
    )
    assert not preview.context["result"].has_errors()
    assert not preview.context["result"].has_validation_errors()
    assert "Знакомая; Знак" in preview.content.decode()
    known.refresh_from_db()
    assert known.control == "unknown"

    confirm(client, preview)

    known.refresh_from_db()
    assert (known.control, known.owner.slug) == ("state", "state")
    assert Outlet.objects.resolve("знакомая") == known
    assert Outlet.objects.resolve("https://fresh.kz/x").slug == "fresh"


def test_a_pasted_address_completes_to_its_outlet(client, contributor, sample):
    client.force_login(contributor)

    asked = {"app_label": "factcheck", "model_name": "citation", "field_name": "outlet"}
    for term in ("https://tengrinews.kz/x/", "tengri", "ТЕНГРИНЬЮС"):
        found = client.get("/admin/autocomplete/", {**asked, "term": term}).json()["results"]
        assert [row["text"] for row in found] == ["Tengrinews.kz"], term


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,A,state,nobody,a.kz,", "There is no owner with the slug “nobody”"),
        ("a,A,sideways,,a.kz,", "is not a valid choice"),
        ("a,A,state,,taken.kz,", "Another outlet has this domain"),
        ("a,A,state,,a.kz,Taken", "is a name of Taken already"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(client, reviewer, row, said):
    client.force_login(reviewer)
    factories.create_outlet(name="Taken", domain="taken.kz")

    preview = upload(client, f"{COLUMNS}\nfine,Fine,state,,fine.kz,\n{row}\n")

    assert said in preview.content.decode()
    assert Outlet.objects.count() == 1


def test_outlets_go_out_and_come_back_unchanged(client, reviewer, sample):
    client.force_login(reviewer)
    page = client.get("/admin/factcheck/outlet/export/")
    fields = {field.name: "on" for field in page.context["form"] if "outletresource" in field.name}
    before = list(Outlet.objects.values())

    for kind, name in (("0", "outlets.csv"), ("1", "outlets.xlsx")):
        response = client.post(
            "/admin/factcheck/outlet/export/", {"format": kind, "resource": 0, **fields}
        )
        assert response.status_code == 200
        preview = upload(client, response.content, name, kind)
        assert preview.context["result"].totals["skip"] == 16, name
        assert not preview.context["result"].has_errors()
    assert list(Outlet.objects.values()) == before


def test_a_formula_is_defused_on_its_way_out(client, reviewer):
    client.force_login(reviewer)
    names = ['=HYPERLINK("https://evil.example")', "+1", "-2", "@SUM(1)", "'quoted", "a\x0bb"]
    for name in names:
        factories.create_outlet(name=name)
    page = client.get("/admin/factcheck/outlet/export/")
    fields = {field.name: "on" for field in page.context["form"] if "outletresource" in field.name}

    for kind in ("0", "1"):
        response = client.post(
            "/admin/factcheck/outlet/export/", {"format": kind, "resource": 0, **fields}
        )
        assert response.status_code == 200
        if kind == "0":
            rows = tablib.import_set(io.StringIO(response.content.decode()), format="csv")
            assert not any(name.startswith(("=", "+", "-", "@")) for name in rows["name"])
            preview = upload(client, response.content)
            assert preview.context["result"].totals["skip"] == len(names)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("citation", "outlet"),
        ("claim", "claimant"),
        ("claim", "article"),
        ("claim", "topics"),
        ("outlet", "owner"),
        ("proposal", "claim"),
    ],
)
def test_autocompletes_offer_rows_before_anything_is_typed(
    client, contributor, sample, model, field
):
    client.force_login(contributor)

    asked = {"app_label": "factcheck", "model_name": model, "field_name": field}
    found = client.get("/admin/autocomplete/", asked).json()["results"]

    assert found


@pytest.mark.parametrize("model", ["claim", "outlet", "owner", "claimant", "article", "topic"])
def test_every_form_opens_for_both_roles(client, contributor, reviewer, sample, model):
    from django.apps import apps

    row = apps.get_model("factcheck", model).objects.first()
    for user in (contributor, reviewer):
        client.force_login(user)
        for view, args in (("add", []), ("change", [row.pk]), ("history", [row.pk])):
            page = client.get(reverse(f"admin:factcheck_{model}_{view}", args=args))
            assert page.status_code == 200


def test_words_of_a_rating_stand_in_the_table_once(client, reviewer):
    client.force_login(reviewer)
    page = reverse("admin:factcheck_ratinglabel_add")
    for label in ("False", "  FALSE ", "\u00ad"):
        response = client.post(page, {"label": label, "status": "false"})
    assert response.status_code == 200

    assert list(RatingLabel.objects.values_list("label", "key")) == [("False", "false")]
