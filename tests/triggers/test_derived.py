"""Status and counts equal what the rows say, whichever way the rows came."""

import random
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from factcheck import audit, editing
from factcheck.models import Citation, Claim, Outlet, Verification
from factcheck.models.status_rule import status_changes
from tests import factories, oracle

pytestmark = pytest.mark.django_db


def test_the_fixtures_are_right(loaded):
    oracle.assert_all_right()


def test_bulk_code_is_right():
    claims = Claim.objects.bulk_create(
        [
            Claim(slug=f"c{n}", text="x", status="true", citation_count=99, stage="published")
            for n in range(3)
        ]
    )
    outlets = [factories.create_outlet() for _ in range(3)]

    Citation.objects.bulk_create(
        [
            Citation(
                claim=claim, outlet=outlet, date_text="2021-08-01", published_on=date(2021, 8, 1)
            )
            for claim in claims
            for outlet in outlets
        ]
    )

    oracle.assert_all_right()
    assert Claim.objects.filter(citation_count=3, independent_count=3).count() == 3


def test_a_stale_save_does_not_bring_old_counts_back():
    stale = factories.create_claim()
    factories.create_citation(stale)
    factories.create_verification(stale)

    stale.text = "Another wording"
    stale.save()

    oracle.assert_all_right()


def test_an_update_of_derived_columns_has_no_effect():
    factories.create_citation()

    Claim.objects.update(status="false", citation_count=7, outlet_count=7, independent_count=7)

    oracle.assert_all_right()


def test_raw_sql_is_right():
    citation = factories.create_citation()
    other = factories.create_claim()

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE factcheck_citation SET claim_id = %s WHERE id = %s", [other.pk, citation.pk]
        )

    oracle.assert_all_right()
    other.refresh_from_db()
    assert other.citation_count == 1


def test_outlets_of_one_owner_count_once():
    claim = factories.create_claim()
    outlets = [factories.create_outlet() for _ in range(3)]
    for outlet in outlets:
        factories.create_citation(claim, outlet)
    owner = factories.create_owner()

    Outlet.objects.filter(pk__in=[outlets[0].pk, outlets[1].pk]).update(owner=owner)

    claim.refresh_from_db()
    assert (claim.citation_count, claim.outlet_count, claim.independent_count) == (3, 3, 2)


def test_a_reprint_counts_with_the_outlet_it_reprints():
    claim = factories.create_claim()
    agency = factories.create_outlet()
    factories.create_citation(claim, agency)

    factories.create_citation(claim, reprint_of=agency, role="reprint")

    claim.refresh_from_db()
    assert (claim.outlet_count, claim.independent_count) == (2, 1)


@pytest.mark.parametrize("stance", ["disputes", "mentions"])
def test_only_support_is_counted_as_independent(stance):
    citation = factories.create_citation(stance=stance)

    citation.claim.refresh_from_db()

    assert (citation.claim.citation_count, citation.claim.independent_count) == (1, 0)


def test_the_newsrooms_latest_finding_counts_by_its_number_whatever_its_clock_said():
    claim = factories.create_claim()
    factories.create_verification(claim, status="true", reviewed_on=date(2028, 1, 4))
    factories.create_verification(claim, status="false", reviewed_on=date(2022, 1, 1))

    claim.refresh_from_db()

    assert claim.status == "false"
    assert status_changes(claim.verifications.all())[-1].after == "false"


def test_a_publishers_latest_finding_counts_by_its_day_not_by_its_number():
    claim, publisher = factories.create_claim(), factories.create_outlet()
    for status, month in (("true", 2), ("false", 1)):
        factories.create_verification(
            claim, publisher=publisher, status=status, reviewed_on=date(2022, month, 1)
        )

    claim.refresh_from_db()

    assert claim.status == "true"


def test_publishers_who_differ_make_a_claim_disputed_until_the_newsroom_decides():
    claim = factories.create_claim()
    one, two = factories.create_outlet(), factories.create_outlet()
    factories.create_verification(claim, publisher=one, status="true")
    claim.refresh_from_db()
    assert claim.status == "true"

    factories.create_verification(claim, publisher=two, status="false")
    claim.refresh_from_db()
    assert claim.status == "disputed"

    factories.create_verification(claim, status="mostly_false")
    claim.refresh_from_db()
    assert claim.status == "mostly_false"


def test_a_publisher_supersedes_itself_alone():
    claim = factories.create_claim()
    publisher = factories.create_outlet()
    factories.create_verification(claim, publisher=publisher, status="true")
    factories.create_verification(claim, publisher=publisher, status="false")

    claim.refresh_from_db()

    assert claim.status == "false"


def test_retractions_and_restorations_leave_the_status_alone():
    claim = factories.create_claim()
    factories.create_verification(claim, status="false")
    factories.create_verification(claim, kind="retraction", status="unverified")

    claim.refresh_from_db()

    assert claim.status == "false"


@pytest.mark.parametrize("seed", range(4))
def test_a_storm_of_edits_leaves_everything_right(seed, reviewer):
    storm = Storm(random.Random(seed), reviewer)
    for _ in range(120):
        storm.edit()
    oracle.assert_all_right()
    assert list(audit.differences()) == []


class Storm:
    """Random edits by every road: ORM, bulk, update, delete, merge."""

    VERBS = (
        "cite",
        "verify",
        "uncite",
        "move",
        "own",
        "stance",
        "reprint",
        "stale",
        "merge",
        "drop",
    )

    def __init__(self, chance, editor):
        self.chance = chance
        self.editor = editor
        self.owners = [factories.create_owner() for _ in range(3)]
        for _ in range(8):
            factories.create_outlet(owner=chance.choice([None, *self.owners]))
        for _ in range(6):
            factories.create_claim()

    def edit(self):
        verb = self.chance.choice([*self.VERBS, "cite", "cite", "verify"])
        getattr(self, verb)()

    def outlet(self):
        return self.chance.choice(list(Outlet.objects.listed()))

    def claim(self):
        return self.chance.choice(list(Claim.objects.all()))

    def citation(self):
        return self.chance.choice(list(Citation.objects.all()) or [factories.create_citation()])

    def cite(self):
        day = date(2021, 1, 1) + timedelta(days=self.chance.randrange(3000))
        outlet, reprinted = self.outlet(), self.outlet()
        factories.create_citation(
            self.claim(),
            outlet,
            date_text=day.isoformat(),
            url=f"https://example.org/{self.chance.random()}",
            stance=self.chance.choice(["supports", "supports", "disputes", "mentions"]),
            reprint_of=reprinted if reprinted != outlet and self.chance.random() < 0.3 else None,
        )

    def verify(self):
        factories.create_verification(
            self.claim(),
            kind=self.chance.choice(["finding", "finding", "finding", "retraction"]),
            status=self.chance.choice(["true", "false", "mixed", "unverified"]),
            publisher=self.chance.choice([None, self.outlet(), self.outlet()]),
            reviewed_on=date(2022, 1, self.chance.randrange(1, 4)),
        )

    def uncite(self):
        Citation.objects.filter(pk=self.citation().pk).delete()

    def move(self):
        Citation.objects.filter(pk=self.citation().pk).update(claim=self.claim())

    def own(self):
        Outlet.objects.filter(pk=self.outlet().pk).update(
            owner=self.chance.choice([None, *self.owners])
        )

    def stance(self):
        Citation.objects.filter(pk=self.citation().pk).update(stance="disputes")

    def reprint(self):
        citation = self.citation()
        other = self.outlet()
        if other != citation.outlet:
            Citation.objects.filter(pk=citation.pk).update(reprint_of=other)

    def stale(self):
        claim = self.claim()
        self.cite()
        claim.save()

    def merge(self):
        loser, winner = self.outlet(), self.outlet()
        if loser != winner and Outlet.objects.listed().count() > 4:
            editing.merge_outlets(loser=loser, winner=winner, by=self.editor)

    def drop(self):
        claim = self.claim()
        if not claim.verifications.exists() and Claim.objects.count() > 3:
            claim.delete()


def test_check_data_finds_and_repairs_what_was_changed_behind_the_triggers(sample, capsys):
    from factcheck import triggers

    triggers.remove()
    Claim.objects.filter(slug="trade-first-half-2021").update(status="true", citation_count=9)

    with pytest.raises(SystemExit) as stopped:
        call_command("check_data")
    assert stopped.value.code == 1
    out = capsys.readouterr().out
    assert "claim trade-first-half-2021: status is true, should be unverified" in out
    assert "claim trade-first-half-2021: citation_count is 9, should be 4" in out
    assert "trigger factcheck_keep_" in out

    call_command("check_data", "--fix")
    oracle.assert_all_right()
    call_command("check_data")


def test_the_year_cannot_be_wrong():
    claim = factories.create_claim(claimed_on=date(2021, 9, 3))
    Claim.objects.filter(pk=claim.pk).update(claimed_on=date(2019, 1, 1))

    claim.refresh_from_db()

    assert claim.year == 2019


def test_a_merged_outlet_cannot_be_cited(reviewer):
    from django.db import IntegrityError, transaction

    loser, winner = factories.create_outlet(), factories.create_outlet()
    claim = factories.create_claim()
    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    with pytest.raises(IntegrityError, match="merged into another"), transaction.atomic():
        factories.create_citation(claim, loser)


def test_an_outlet_that_is_cited_cannot_be_merged_by_a_bare_update():
    from django.db import IntegrityError, transaction

    citation = factories.create_citation()

    with pytest.raises(IntegrityError, match="move the citations"), transaction.atomic():
        Outlet.objects.filter(pk=citation.outlet_id).update(merged_into=factories.create_outlet())


def test_merged_publishers_are_read_as_one(reviewer):
    claim = factories.create_claim()
    one, two = factories.create_outlet(), factories.create_outlet()
    factories.create_verification(claim, publisher=one, status="true")
    factories.create_verification(claim, publisher=two, status="false")

    editing.merge_outlets(loser=one, winner=two, by=reviewer)

    claim.refresh_from_db()
    assert claim.status == "false"
    assert Verification.objects.get(number=1).publisher == one


@pytest.mark.postgresql
def test_an_emptied_table_is_counted():
    citation = factories.create_citation()
    connection.check_constraints()

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE factcheck_citation")

    citation.claim.refresh_from_db()
    assert citation.claim.citation_count == 0


def test_an_articles_claims_are_read_in_one_order_on_both_engines():
    article = factories.create_article()
    last, second, first = (
        factories.create_claim(article=article, paragraph=paragraph) for paragraph in (None, 2, 1)
    )

    assert list(article.claims.in_reading_order()) == [first, second, last]


def test_the_scale_of_the_statuses():
    from factcheck.models import Status

    assert {status.value: status.rating for status in Status} == {
        "true": 5,
        "mostly_true": 4,
        "mixed": 3,
        "mostly_false": 2,
        "misleading": 2,
        "false": 1,
        "disputed": None,
        "unverifiable": None,
        "unverified": None,
    }
