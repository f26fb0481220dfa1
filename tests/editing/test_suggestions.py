"""What public claims rest on is changed by reviewers; contributors propose changes of it."""

import pytest
import tablib
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from factcheck import editing, public_record
from factcheck.admin.outlet_spreadsheet import OutletResource
from factcheck.editing import suggestions
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Outlet,
    OutletAlias,
    Owner,
    SuggestedChange,
    Topic,
)
from tests import factories
from tests.admin_forms import opened, press, read_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(db):
    """One published claim and the rows of each kind that it uses."""
    claimant = factories.create_claimant(name="A. Speaker")
    article = factories.create_article(title="An article")
    topic = factories.create_topic(name="Trade")
    claim = factories.create_claim(claimant=claimant, article=article, topics=[topic])
    owner = factories.create_owner(name="The State")
    outlet = factories.create_outlet(
        name="Agency", owner=owner, control="state", domain="agency.example"
    )
    factories.create_citation(claim, outlet)
    public_record.begin_missing()
    return {
        "claim": claim,
        "outlet": outlet,
        "owner": owner,
        "claimant": claimant,
        "topic": topic,
        "article": article,
    }


def address(row):
    return reverse(f"admin:factcheck_{row._meta.model_name}_change", args=[row.pk])


def save(client, row, **fields):
    """Post a row's form as a browser would, with some fields changed; None leaves one out."""
    data = opened(client, address(row)) | fields
    return client.post(
        address(row), {name: value for name, value in data.items() if value is not None}
    )


FACTS = [
    *(
        ("outlet", name, value)
        for name, value in {
            "name": "Renamed",
            "native_name": "Агентство",
            "kind": "newspaper",
            "control": "private",
            "owner": "",
            "country": "KZ",
            "languages": "kk,ru",
            "domain": "other.example",
            "homepage": "https://other.example/",
            "note": "A note.",
            "is_confirmed": None,
        }.items()
    ),
    ("outlet", "aliases-0-name", "Another name"),
    ("owner", "name", "Renamed"),
    ("owner", "kind", "company"),
    ("owner", "country", "KZ"),
    ("claimant", "name", "Renamed"),
    ("claimant", "native_name", "Спикер"),
    ("claimant", "kind", "organisation"),
    ("claimant", "role", "President"),
    ("claimant", "country", "KZ"),
    ("claimant", "same_as", "https://www.wikidata.org/wiki/Q1"),
    ("topic", "name", "Renamed"),
    ("article", "title", "Renamed"),
    ("article", "author", "Somebody"),
    ("article", "url", "https://example.org/article"),
    ("article", "published_text", "2021-09"),
    ("article", "language", "ru"),
]


def state():
    """Return every row that a contributor may describe, as it is stored."""
    models = (Outlet, Owner, Claimant, Topic, Article, OutletAlias)
    return [sorted(model.objects.values_list()) for model in models]


@pytest.mark.parametrize(("kind", "field", "value"), FACTS, ids=lambda part: str(part)[:20])
def test_a_contributors_change_of_a_public_record_is_proposed_and_a_reviewer_applies_it(
    client, contributor, reviewer, public, recorded, kind, field, value
):  # fmt: skip
    client.force_login(contributor)
    row, before = public[kind], state()

    response = save(client, row, **{field: value, "change_reason": "I know it."})

    assert response.status_code == 302
    assert state() == before
    suggestion = SuggestedChange.objects.get()
    assert (suggestion.kind, suggestion.target_id, suggestion.reason) == (
        kind,
        row.pk,
        "I know it.",
    )
    assert (suggestion.proposed_by, suggestion.state) == (contributor, "open")
    assert len(suggestion.changes) == 1
    client.force_login(reviewer)
    client.post(address(suggestion), {"_apply": "1"})
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by) == ("applied", reviewer)
    assert state() != before
    if "-" not in field:
        stored = getattr(type(row).objects.get(pk=row.pk), field)
        assert stored == (False if value is None else value or None)
        assert row.history.first().history_change_reason == "I know it."
        assert row.history.first().history_user == reviewer


@pytest.mark.parametrize(("kind", "field", "value"), FACTS, ids=lambda part: str(part)[:20])
def test_a_contributor_edits_what_only_drafts_use(
    client, contributor, public, kind, field, value
):  # fmt: skip
    Claim.objects.update(stage="draft")
    client.force_login(contributor)
    before = state()

    save(client, public[kind], **{field: value})

    assert not SuggestedChange.objects.exists()
    assert state() != before


def test_a_reviewer_saves_what_public_claims_use(client, reviewer, public):
    client.force_login(reviewer)

    save(client, public["outlet"], control="private")

    public["outlet"].refresh_from_db()
    assert public["outlet"].control == "private"
    assert not SuggestedChange.objects.exists()


@pytest.mark.parametrize("use", ["cited", "reprinted", "checked", "article", "retracted"])
def test_an_outlet_is_in_public_use_by_whatever_readers_see(contributor, use):
    outlet, claim = factories.create_outlet(), factories.create_claim()
    if use == "cited":
        factories.create_citation(claim, outlet)
    elif use == "reprinted":
        factories.create_citation(claim, reprint_of=outlet, role="reprint")
    elif use == "checked":
        factories.create_verification(claim, publisher=outlet)
    elif use == "article":
        factories.create_claim(article=factories.create_article(publisher=outlet))
    else:
        factories.create_citation(factories.retracted(), outlet)

    assert suggestions.must_suggest(outlet, contributor)


def test_the_owner_of_a_public_outlet_and_whom_it_speaks_for_are_in_public_use(contributor):
    owner, claimant = factories.create_owner(), factories.create_claimant()
    outlet = factories.create_outlet(owner=owner, speaks_for=claimant)
    assert not suggestions.must_suggest(owner, contributor)
    assert not suggestions.must_suggest(claimant, contributor)

    factories.create_citation(factories.create_claim(), outlet)

    assert suggestions.must_suggest(owner, contributor)
    assert suggestions.must_suggest(claimant, contributor)


def test_the_form_says_that_the_change_is_proposed(client, contributor, reviewer, public):
    client.force_login(contributor)
    html = client.get(address(public["outlet"])).content.decode()
    assert 'value="Propose this change"' in html
    assert "_addanother" not in html

    save(client, public["outlet"], name="Renamed")
    assert (
        "Changes of this record have been proposed"
        in client.get(address(public["outlet"])).content.decode()
    )
    client.force_login(reviewer)
    assert "Propose this change" not in client.get(address(public["outlet"])).content.decode()


def test_a_form_that_changes_nothing_proposes_nothing(client, contributor, public):
    client.force_login(contributor)

    response = client.get(save(client, public["outlet"])["Location"])

    assert "Nothing was changed." in response.content.decode()
    assert not SuggestedChange.objects.exists()


@pytest.mark.parametrize(
    "hidden",
    [
        {"_popup": "1"},
        {"_continue": "1"},
        {"_saveasnew": "1"},
        {"is_suggestion": ""},
        {"effects_seen": "1.0.1.0.0"},
        {"merged_into": "1", "slug": "mine"},
    ],
    ids=str,
)
def test_no_hidden_field_gets_a_contributor_past_the_reviewers(
    client, contributor, public, hidden
):  # fmt: skip
    client.force_login(contributor)
    before = state()

    save(client, public["outlet"], name="Renamed", owner="", **hidden)

    assert state() == before


def test_what_readers_never_see_of_an_article_a_contributor_saves(client, contributor, public):
    client.force_login(contributor)

    save(client, public["article"], text="The whole text.")

    public["article"].refresh_from_db()
    assert public["article"].text == "The whole text."
    assert not SuggestedChange.objects.exists()


def test_reading_a_public_article_again_fills_in_nothing_that_readers_see(client, contributor):
    client.force_login(contributor)
    press(client, read_article(client))
    factories.create_claim(article=Article.objects.get())

    press(client, read_article(client, author="Somebody"))

    assert Article.objects.get().author == ""


# Deciding


@pytest.fixture
def proposed(public, contributor):
    """A proposal to take the agency from the state."""
    outlet = public["outlet"]
    outlet.owner, outlet.control = None, "private"
    return editing.suggest(row=outlet, by=contributor, reason="It was sold.")


def test_the_queue_leads_to_the_page_that_shows_before_and_after(client, reviewer, proposed):
    client.force_login(reviewer)
    listed = client.get("/admin/factcheck/suggestedchange/?queue=suggested").content.decode()
    assert f'href="{address(proposed)}' in listed

    html = client.get(address(proposed)).content.decode()

    for said in ("The State", "It was sold.", "Private", "Apply this change"):
        assert said in html


def test_a_contributor_sees_the_proposal_and_cannot_decide_it(client, contributor, proposed):
    client.force_login(contributor)
    assert "Apply this change" not in client.get(address(proposed)).content.decode()

    assert client.post(address(proposed), {"_apply": "1"}).status_code == 403
    for verb in (editing.apply_suggestion, editing.decline_suggestion):
        with pytest.raises(PermissionDenied):
            verb(suggestion=proposed, by=contributor, reason="Mine.")


def test_a_proposal_is_not_applied_over_what_changed_since(client, reviewer, proposed, public):
    Outlet.objects.filter(pk=public["outlet"].pk).update(control="public")
    client.force_login(reviewer)

    html = client.get(address(proposed)).content.decode()
    assert "“State” became “Public” since" in html
    assert "Apply this change" not in html
    assert "has changed since" in client.post(address(proposed), {"_apply": "1"}).content.decode()

    stored = Outlet.objects.get(pk=public["outlet"].pk)
    assert (stored.control, stored.owner) == ("public", public["owner"])
    proposed.refresh_from_db()
    assert proposed.state == "open"


def test_a_name_that_another_outlet_has_by_now_is_not_applied(contributor, reviewer, public):
    proposal = editing.suggest(row=public["outlet"], by=contributor, added=["The Agency"])
    factories.create_outlet(name="The Agency")

    with pytest.raises(ValidationError, match="is a name of"):
        editing.apply_suggestion(suggestion=proposal, by=reviewer)


def test_a_declined_proposal_says_why_and_changes_nothing(client, reviewer, proposed, public):
    client.force_login(reviewer)
    assert "Give a reason" in client.post(address(proposed), {"_decline": "1"}).content.decode()

    client.post(address(proposed), {"_decline": "1", "reason": "It is not so."})

    proposed.refresh_from_db()
    assert (proposed.state, proposed.decision) == ("declined", "It is not so.")
    assert Outlet.objects.get(pk=public["outlet"].pk).control == "state"
    with pytest.raises(ValidationError, match="decided already"):
        editing.apply_suggestion(suggestion=proposed, by=reviewer)


def test_a_proposal_of_a_merged_outlet_is_not_applied(reviewer, proposed, public):
    editing.merge_outlets(loser=public["outlet"], winner=factories.create_outlet(), by=reviewer)

    with pytest.raises(ValidationError, match="merged or deleted"):
        editing.apply_suggestion(suggestion=proposed, by=reviewer)


def test_an_applied_owner_is_recorded_on_the_claims_whose_counts_it_moves(
    client, contributor, reviewer, public, recorded
):  # fmt: skip
    factories.create_citation(public["claim"], factories.create_outlet(owner=public["owner"]))
    outlet = public["outlet"]
    outlet.owner = None
    proposal = editing.suggest(row=outlet, by=contributor)
    client.force_login(reviewer)
    assert "1 public claim gains an independent source." in (
        client.get(address(proposal)).content.decode()
    )
    with pytest.raises(ValidationError, match="give a reason"):
        editing.apply_suggestion(suggestion=proposal, by=reviewer)

    editing.apply_suggestion(suggestion=proposal, by=reviewer, reason="It was sold.")

    assert recorded == [({public["claim"].pk}, "It was sold.", reviewer)]


# A file of outlets


def outlets(**changed):
    row = {"slug": "agency", "name": "Agency", "control": "state", **changed}
    return tablib.Dataset(tuple(row.values()), headers=list(row))


def test_a_contributors_file_is_refused_where_public_claims_use_the_outlet(contributor, public):
    Outlet.objects.filter(pk=public["outlet"].pk).update(slug="agency")
    draft = factories.create_outlet(slug="draft", name="Draft")
    rows = outlets(name="Renamed")
    rows.append(("draft", "Renamed draft", "unknown"))

    result = OutletResource().import_data(rows, dry_run=True, user=contributor)

    assert [row.number for row in result.invalid_rows] == [1]
    assert "Public claims use this outlet" in str(result.invalid_rows[0].error)
    assert not OutletResource().import_data(outlets(), user=contributor).has_validation_errors()
    added = outlets(aliases="Another name")
    refused = OutletResource().import_data(added, dry_run=True, user=contributor)
    assert refused.has_validation_errors()
    assert draft.pk


def test_a_reviewers_file_says_what_it_does_and_is_recorded(
    client, reviewer, public, recorded
):  # fmt: skip
    Outlet.objects.filter(pk=public["outlet"].pk).update(slug="agency")
    factories.create_citation(public["claim"], factories.create_outlet(owner=public["owner"]))
    client.force_login(reviewer)
    table = SimpleUploadedFile("outlets.csv", b"slug,name,owner\nagency,Agency,\n")

    asked = client.post("/admin/factcheck/outlet/import/", {"import_file": table, "format": "0"})

    assert "1 public claim gains an independent source." in asked.content.decode()
    recorded.clear()
    form = asked.context["confirm_form"].initial
    client.post("/admin/factcheck/outlet/process_import/", form)
    assert [ids for ids, _reason, _by in recorded] == [{public["claim"].pk}]


# A reviewer's new owner


@pytest.fixture
def pair(public):
    """An outlet of the agency's owner is to be sold, and the claim gains a source."""
    outlet = factories.create_outlet(owner=public["owner"])
    factories.create_citation(public["claim"], outlet)
    return outlet


def test_a_new_owner_says_what_it_does_before_it_is_saved(
    client, reviewer, public, pair, recorded
):  # fmt: skip
    client.force_login(reviewer)

    asked = save(client, pair, owner="", name="Sold")

    html = asked.content.decode()
    assert "1 public claim gains an independent source." in html
    assert f'href="{public["claim"].get_absolute_url()}"' in html
    assert "give a reason for readers" in html
    assert 'value="Sold"' in html
    pair.refresh_from_db()
    assert pair.owner == public["owner"]
    assert recorded == []
    seen = asked.context["effects"].digest

    again = save(client, pair, owner="", effects_seen=seen)
    assert again.status_code == 200  # no reason
    save(client, pair, owner="", effects_seen=seen, change_reason="It was sold.")

    pair.refresh_from_db()
    assert pair.owner is None
    assert recorded == [({public["claim"].pk}, "It was sold.", reviewer)]


def test_going_back_keeps_what_was_typed_and_saves_nothing(client, reviewer, public, pair):
    client.force_login(reviewer)
    seen = save(client, pair, owner="").context["effects"].digest

    back = save(
        client, pair, owner="", name="Typed", effects_seen=seen, change_reason="x", _go_back="1"
    )

    assert 'value="Typed"' in back.content.decode()
    assert "Save anyway" not in back.content.decode()
    pair.refresh_from_db()
    assert pair.owner == public["owner"]


def test_what_changed_between_asking_and_saving_is_asked_again(client, reviewer, public, pair):
    client.force_login(reviewer)
    seen = save(client, pair, owner="").context["effects"].digest
    Citation.objects.create(claim=factories.create_claim(), outlet=pair)
    factories.create_citation(Claim.objects.first(), factories.create_outlet(owner=public["owner"]))

    again = save(client, pair, owner="", effects_seen=seen, change_reason="It was sold.")

    assert again.status_code == 200
    pair.refresh_from_db()
    assert pair.owner == public["owner"]


def test_a_new_owner_that_moves_no_public_count_is_saved_at_once(client, reviewer, public):
    client.force_login(reviewer)
    free = factories.create_outlet()

    assert save(client, free, owner=public["owner"].pk).status_code == 302

    free.refresh_from_db()
    assert free.owner == public["owner"]


def test_a_merge_and_its_way_back_say_what_they_do(client, reviewer, public, pair):
    client.force_login(reviewer)
    other = factories.create_outlet()
    factories.create_citation(public["claim"], other)
    page = reverse("admin:factcheck_outlet_merge", args=[other.pk])

    html = client.get(page, {"winner": pair.pk}).content.decode()
    assert "1 public claim loses an independent source." in html

    merge = editing.merge_outlets(loser=other, winner=pair, by=reviewer)
    merges = reverse("admin:factcheck_merge_changelist")
    data = {"action": "take_back", "_selected_action": [merge.pk]}
    asked = client.post(merges, data).content.decode()
    assert "1 public claim gains an independent source." in asked
    merge.refresh_from_db()
    assert merge.undone_at is None

    client.post(merges, data | {"_confirmed": "1"})
    merge.refresh_from_db()
    assert merge.undone_at


def test_the_api_changes_no_outlet_and_no_claimant(client, contributor, public):
    client.force_login(contributor)
    for path in (
        f"/api/v1/outlets/{public['outlet'].slug}/",
        f"/api/v1/claimants/{public['claimant'].slug}/",
        f"/api/v1/owners/{public['owner'].slug}/",
    ):
        for method in (client.post, client.put, client.patch, client.delete):
            answer = method(path, {"name": "Renamed"}, content_type="application/json")
            assert answer.status_code in {401, 403, 405}


@pytest.mark.postgresql
def test_two_outlets_can_be_saved_at_the_same_time(client, reviewer, public):
    """Each takes the turn that a new owner takes alone first, so neither waits for the other."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(reviewer)
    data = opened(client, address(public["outlet"])) | {"note": "New."}
    with CaptureQueriesContext(connection) as asked:
        client.post(address(public["outlet"]), data)

    turns = [query["sql"] for query in asked if "pg_advisory_xact_lock" in query["sql"]]
    assert "pg_advisory_xact_lock(" in turns[0]


def test_a_fixture_of_all_rows_leaves_out_what_names_rows_by_number(public, contributor, tmp_path):
    from django.core.management import call_command

    public["outlet"].name = "Renamed"
    editing.suggest(row=public["outlet"], by=contributor)
    path = tmp_path / "all.json"
    call_command(
        "dumpdata", "factcheck", natural_primary=True, natural_foreign=True, output=str(path)
    )
    SuggestedChange.objects.all().delete()

    call_command("import_fixtures", str(path), verbosity=0)

    assert not SuggestedChange.objects.exists()
