"""What a claim rests on is explained, drawn, and adds up to outlets' records."""

import re
import xml.etree.ElementTree as ET
from datetime import date
from random import Random

import pytest

from factcheck import facets, svg
from factcheck.models import Citation, Claim, Outlet
from factcheck.queries import claim_detail, independence, track_records
from tests import factories, sql_facets
from tests.public_pages import text
from tests.track_records import create_record

pytestmark = pytest.mark.django_db


def page(client, claim):
    return client.get(claim.get_absolute_url()).content.decode()


def drawing(html):
    return ET.fromstring(re.search(r"<svg class=\"chart\".*?</svg>", html, re.S)[0])


def explained(claim):
    claim.refresh_from_db()
    loaded = claim_detail.get_claim_detail(claim.slug)
    groups = independence.owner_groups(loaded.cited)
    assert len(groups) == claim.independent_count
    return list(independence.explain_count(groups))


@pytest.fixture
def four(db):
    """A claim of four outlets, two of one owner and two whose owners nobody knows."""
    state = factories.create_owner(name="State")
    outlets = {
        name: factories.create_outlet(name=name, owner=owner, control=control)
        for name, owner, control in (
            ("Akorda", state, "state"),
            ("Kazinform", state, "state"),
            ("Tengrinews", None, "private"),
            ("Kursiv", None, "private"),
        )
    }
    claim = factories.create_claim(claimant=factories.create_claimant(name="Tokayev"))
    for outlet in outlets.values():
        factories.create_citation(claim, outlet, date_text="2021-08-20")
    return claim, outlets


def test_the_count_is_given_with_its_reasons(client, four):
    claim, _outlets = four

    assert explained(claim) == [
        "Akorda and Kazinform count once: their owner is State.",
        "The owners of Tengrinews and Kursiv are not known: each counts on its own.",
    ]
    seen = text(client.get(claim.get_absolute_url()))
    assert "4 citations · 4 outlets · 3 independent" in seen
    assert "Akorda and Kazinform count once" in seen


def test_a_reprint_counts_with_what_it_reprints_at_once(client, four):
    claim, outlets = four
    Citation.objects.get(outlet=outlets["Tengrinews"]).delete()
    factories.create_citation(
        claim, outlets["Tengrinews"], role="reprint", reprint_of=outlets["Akorda"]
    )

    assert "Tengrinews counts with Akorda, which it reprints." in explained(claim)
    assert claim.independent_count == 2
    assert 'class="map-edge"' in page(client, claim)


def test_another_owner_changes_the_count_at_once(four):
    claim, outlets = four
    outlets["Kazinform"].owner = factories.create_owner(name="Holding")
    outlets["Kazinform"].save()

    assert not any("count once" in reason for reason in explained(claim))
    assert claim.independent_count == 4


def test_a_claimants_own_outlet_is_shown_apart_and_still_counted(client, four):
    claim, outlets = four
    outlets["Akorda"].speaks_for = claim.claimant
    outlets["Akorda"].save()

    assert any("Akorda speaks for the claimant" in reason for reason in explained(claim))
    assert claim.independent_count == 3
    html = page(client, claim)
    assert html.count('<li class="own">') == 1
    assert "it shows that this was said, not that it is so" in html


def test_a_reprint_of_the_claimants_own_outlet_is_no_more_than_that(four):
    claim, outlets = four
    outlets["Akorda"].speaks_for = claim.claimant
    outlets["Akorda"].save()
    Citation.objects.filter(outlet=outlets["Kursiv"]).update(reprint_of=outlets["Akorda"])

    citation = Citation.objects.with_outlet().get(outlet=outlets["Kursiv"])
    assert citation.is_claimants_own


def test_the_map_names_everything_that_the_list_names(client, four):
    claim, _outlets = four
    factories.create_citation(claim, factories.create_outlet(name="TASS"), stance="disputes")

    svg = drawing(page(client, claim))
    said = " ".join("".join(part.itertext()) for part in svg.iter() if part.tag == "text")
    for name in ("Akorda", "Kazinform", "Tengrinews", "Kursiv", "TASS", "20 Aug 2021", "state"):
        assert name in said
    assert "Supported by 3 families" in said
    assert "Disputed by 1 family" in said
    assert [child.tag for child in svg][:2] == ["title", "desc"]


def test_a_claim_that_nothing_is_cited_for_has_no_map(client):
    assert '<svg class="chart"' not in page(client, factories.create_claim())


def test_names_are_escaped_in_a_map(client):
    claim = factories.create_claim()
    factories.create_citation(claim, factories.create_outlet(name="<script>x</script> & Co"))

    html = page(client, claim)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_outlets_map_shows_owner_siblings_and_reprints(client, four):
    claim, outlets = four
    repeated = {"role": "reprint", "reprint_of": outlets["Akorda"]}
    # Its own day: that of the next citation may be that of Kursiv's first one.
    factories.create_citation(claim, outlets["Kursiv"], date_text="2021-09-30", **repeated)

    response = client.get(outlets["Akorda"].get_absolute_url())
    said = "".join(drawing(response.content.decode()).itertext())
    assert "State" in said
    assert "Kazinform" in said
    assert "Reprinted by Kursiv" in text(response).replace("( 1 claim)", "")


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        pytest.param(0, 10, 0.0, 0.2775, id="none"),
        pytest.param(10, 10, 0.7225, 1.0, id="all"),
        pytest.param(5, 10, 0.2366, 0.7634, id="half"),
        pytest.param(81, 263, 0.2553, 0.3662, id="a textbook's"),
    ],
)
def test_wilsons_interval(count, total, low, high):
    found = track_records.wilson(count, total)

    assert (found.share, round(found.low, 4), round(found.high, 4)) == (count / total, low, high)


@pytest.mark.parametrize(("count", "total"), [(1, 0), (3, 2), (-1, 2)])
def test_a_share_needs_a_total(count, total):
    with pytest.raises(ValueError, match="is no share"):
        track_records.wilson(count, total)


def test_records_are_the_same_by_bitmaps_and_by_sql():
    random = Random(5)
    owners = [factories.create_owner() for _ in range(2)]
    outlets = [factories.create_outlet(owner=random.choice([None, *owners])) for _ in range(6)]
    for number in range(60):
        claim = factories.create_claim(
            claimed_on=random.choice([None, date(2019 + number % 4, 5, 1)]),
            stage=random.choice(["published", "published", "draft"]),
        )
        for outlet in random.sample(outlets, random.randint(0, 3)):
            source = random.choice([None, None, *(one for one in outlets if one != outlet)])
            role = "reprint" if source else random.choice(["reporting", "reprint", "primary"])
            stance = random.choice(["supports", "supports", "disputes"])
            day = random.choice(["", "2021-08", "2021-08-01", "2021-08-15"])
            factories.create_citation(
                claim, outlet, stance=stance, role=role, reprint_of=source, url="",
                date_text=day, date_end="2021-08-17" if day == "2021-08-15" else None,
            )  # fmt: skip
        if random.random() < 0.7:
            factories.create_verification(claim, status=random.choice(["true", "false", "mixed"]))

    assert facets.track_records() == sql_facets.track_records()
    assert facets.claim_counts() == sql_facets.claim_counts()
    assert facets.track_records() != {}
    for outlet in outlets:
        assert facets.outlet_stats(outlet.pk) == sql_facets.outlet_stats(outlet.pk)
        assert facets.citation_days(outlet.pk) == sql_facets.citation_days(outlet.pk) != {}
    # What has changed since the days were read is read anew.
    for claim in Claim.objects.all()[:20]:
        claim.citations.update(date_text="2022-02-02", published_on="2022-02-02", date_end=None)
    for outlet in outlets:
        assert facets.citation_days(outlet.pk) == sql_facets.citation_days(outlet.pk)


def test_an_outlets_record_has_denominators_an_interval_and_a_chart(client):
    outlet = factories.create_outlet()
    create_record(outlet, 9, 3, undecided=2)

    response = client.get(outlet.get_absolute_url())
    seen = text(response)
    assert "Decided 12 of 14" in seen
    assert "9 of 12: 75 % (95 % interval: 47–91 %)" in seen
    assert "2021 9 3 2 12 14" in seen
    assert 'id="years-title"' in response.content.decode()


def test_nothing_is_said_under_ten_decided_claims(client):
    outlet = factories.create_outlet()
    create_record(outlet, 9, 0, undecided=5)

    for path in (outlet.get_absolute_url(), "/track-records/"):
        seen = text(client.get(path))
        assert "%" not in seen.replace("95 %", "")
        assert "true or mostly true 9" not in seen.lower()


def test_records_are_compared_by_the_lower_end_of_their_interval(client):
    few, many = factories.create_outlet(name="Few"), factories.create_outlet(name="Many")
    create_record(few, 10, 0)
    create_record(many, 38, 2)

    def order(query):
        response = client.get(f"/track-records/?{query}")
        return [outlet.name for outlet, _record in response.context["page"].rows]

    assert order("sort=held_up") == ["Many", "Few"]
    assert order("sort=most_cited") == ["Many", "Few"]
    assert order("sort=did_not_hold") == ["Many", "Few"]
    assert order("q=few") == ["Few"]
    assert order("sort=nonsense") == ["Many", "Few"]


def test_a_record_is_right_after_the_next_write(client):
    outlet = factories.create_outlet()
    claim = factories.create_claim()
    citation = factories.create_citation(claim, outlet)
    assert facets.track_records()[outlet.pk].total == 1

    citation.reprint_of = factories.create_outlet()
    citation.save()

    assert facets.track_records()[outlet.pk].reprinted_total == 1
    assert facets.track_records()[outlet.pk].total == 0


def test_a_long_name_is_cut_to_its_box():
    words = svg.Labels("t", "d", "r", "", "state", "%(n)s more")
    rows = [svg.Row("N" * 200, "20 Aug 2021", is_state=True)] * 20
    picture = svg.tree(words, [svg.Side("s", [svg.Box("B" * 200, rows)])], name="x")

    assert max(map(len, re.findall(r">([^<]*)</text>", picture))) < 60
    assert "9 more" in picture
    assert Outlet.objects.count() == 0


def test_the_articles_first_paragraph_after_each_edit(client, sample, reviewer):
    """Four outlets, two of them the state's and a third its agency: two owner groups."""
    from factcheck import editing

    claim = Claim.objects.get(slug="embassy-in-kabul-stays-open")
    outlets = {citation.outlet.slug: citation.outlet for citation in claim.citations.all()}

    def count():
        seen = text(client.get(claim.get_absolute_url()))
        claim.refresh_from_db()
        return claim.independent_count, seen

    groups, seen = count()
    assert groups == 2
    assert "count once: their owner is State of Kazakhstan." in seen
    assert "The owner of Tengrinews.kz is not known: it counts on its own." in seen

    # Tengrinews' item becomes a reprint of Akorda ...
    tengri = list(claim.citations.filter(outlet__slug__startswith="tengri"))
    editing.mark_reprints(citations=tengri, source=outlets["akorda"], by=reviewer)
    groups, seen = count()
    assert groups == 1
    assert "Tengrinews.kz counts with Akorda.kz, which it reprints." in seen

    # ... Kazinform gets another owner ...
    kazinform = next(outlet for slug, outlet in outlets.items() if "inform" in slug)
    kazinform.owner = factories.create_owner(name="A holding")
    kazinform.save()
    groups, seen = count()
    assert groups == 2
    assert "A holding 1 outlet" in seen

    # ... is merged into another outlet ...
    editing.merge_outlets(loser=kazinform, winner=outlets["akorda"], by=reviewer)
    groups, seen = count()
    assert groups == 1
    assert "Kazinform" not in seen.split("History of this claim")[0]
    assert "“Kazinform” was merged into “Akorda.kz”." in seen

    # ... and a citation is deleted.
    claim.citations.filter(outlet=outlets["akorda"]).delete()
    groups, seen = count()
    assert groups == 1
    assert "2 citations · 2 outlets · 1 independent" in seen
    assert "Twitter.com/TokayevKZ speaks for the claimant" not in seen
    assert "speak for the claimant: that shows that it was said" in seen


def test_the_source_of_a_reprint_is_named_among_its_owners_outlets():
    owner = factories.create_owner(name="Holding")
    claim = factories.create_claim()
    source = factories.create_outlet(name="Source", owner=owner)
    factories.create_citation(claim, factories.create_outlet(name="Sister", owner=owner))
    factories.create_citation(
        claim, factories.create_outlet(name="Copy"), reprint_of=source, role="reprint"
    )

    assert explained(claim) == [
        "Sister and Source count once: their owner is Holding.",
        "Copy counts with Source, which it reprints.",
    ]


def test_wide_letters_are_given_their_room():
    words = svg.Labels("t", "d", "r", "", "state", "%(n)s more")
    row = svg.Row("新華社新聞通訊社新聞通訊社", "20 Aug 2021", is_state=True)
    picture = svg.tree(words, [svg.Side("s", [svg.Box("b", [row])])], name="x")

    mark = float(re.search(r"translate\(([\d.]+)", picture)[1])
    shown = re.search(r"map-outlet[^>]*>([^<]*)<", picture)[1]
    assert mark >= 50 + 11 * len(shown.rstrip("…"))


def test_a_single_day_is_a_column_and_two_stand_over_their_names():
    one = svg.columns("t", "d", [("1 May", 3)], name="x")
    two = svg.columns("t", "d", [("1 May", 3), ("2 May", 4)], name="x")

    assert re.findall(r'<rect[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"', one) == [("0.0", "24.0")]
    assert [x for x, _width in re.findall(r'<rect[^>]* x="([\d.]+)"()', two)] == ["0.0", "168.0"]
    assert re.search(r'<text[^>]* x="192"[^>]* text-anchor="end">2 May<', two)
