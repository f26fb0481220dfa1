"""The claims list's query string, compared with plain Python over the rows."""

import random
from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from factcheck import facets
from factcheck.facets import BASIS, CITATION_FACETS, CLAIM_FACETS, FACETS
from factcheck.filters import ClaimFilter
from factcheck.filters.fields import Codes, Condition, Rows
from factcheck.models import (
    Citation,
    Claim,
    Control,
    Outlet,
    Stance,
    Status,
)
from factcheck.views import filter_panel
from tests import factories, oracle, sql_facets
from tests.manual import MANUAL

pytestmark = pytest.mark.django_db


def asked(query):
    return ClaimFilter(QueryDict(query))


def slugs(query):
    """What plain SQL finds; the bitmaps must agree."""
    chosen = asked(query)
    found = dict(sql_facets.select(chosen.selection).claims.values_list("pk", "slug"))
    assert chosen.result.total == len(found)
    assert {
        pk for pk in Claim.objects.values_list("pk", flat=True) if chosen.result.contains(pk)
    } == set(found)
    return set(found.values())


def parsed(query):
    return dict(QueryDict(query).lists())


def expected(query, claims=None):
    claims = oracle.claims() if claims is None else claims
    return {claim.slug for claim in claims if oracle.fits(claim, parsed(query))}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "outlet=tass",
        "basis=state_only",
        "basis=single_family",
        "basis=single_outlet&basis=uncited",
        "independent_min=2&country=KZ",
        "status=true&status=mostly_true&cited_after=2021-08-16",
        "outlet=tengrinews&cited_after=2021-08-17&cited_before=2021-08-31",
        "owner=state-of-kazakhstan&stance=mentions",
        "control=state&country=RU",
        "claimant=kassym-jomart-tokayev&claimed_after=2021-09-01",
        "claimed_before=2021-08-15",
        "topic=trade&topic=refugees",
        "year=2021",
        "year=2018",
        "independent_min=5&independent_max=5",
        "independent_max=0",
        "article=kazakhstan-afghanistan-2021&language=en",
    ],
)
def test_a_query_answers_exactly(sample, query):
    assert slugs(query) == expected(query)


def test_the_queries_of_the_sample_are_not_empty_by_accident(sample):
    assert len(slugs("outlet=tass")) == 6
    assert slugs("basis=state_only") == {
        "tokayev-worried-by-violence",
        "kazakh-russian-ministers-call-18-august",
        "kazakhstan-does-not-recognise-taliban",
        "no-contact-with-new-rulers",
    }
    assert len(slugs("status=true&status=mostly_true&cited_after=2021-08-16")) == 4


def test_conditions_on_citations_hold_of_one_and_the_same():
    claim = factories.create_claim()
    russian = factories.create_outlet(country="RU")
    kazakh = factories.create_outlet(country="KZ")
    factories.create_citation(claim, russian, date_text="2021-01-01", stance="supports")
    factories.create_citation(claim, kazakh, date_text="2022-01-01", stance="disputes")

    assert slugs("country=RU&stance=supports") == {claim.slug}
    assert slugs("country=RU&stance=disputes") == set()
    assert slugs("country=KZ&cited_before=2021-06-01") == set()
    assert slugs("country=KZ&country=RU&cited_before=2021-06-01") == {claim.slug}


def test_a_range_of_days_reaches_to_its_last_day():
    citation = factories.create_citation(date_text="2021-08-15", date_end=date(2021, 8, 17))

    assert slugs("cited_after=2021-08-17") == {citation.claim.slug}
    assert slugs("cited_after=2021-08-18") == set()
    assert slugs("cited_before=2021-08-15") == {citation.claim.slug}


@pytest.mark.parametrize("date_text", ["", "--08-20", "2021-08", "2021"])
def test_a_citation_without_a_day_is_undated(date_text):
    citation = factories.create_citation(date_text=date_text)
    factories.create_citation(date_text="2021-08-20")

    assert slugs("basis=undated") == {citation.claim.slug}
    assert slugs("cited_after=2000-01-01&cited_before=2030-01-01") != {citation.claim.slug}


def test_drafts_and_retracted_claims_are_not_listed():
    factories.create_claim(stage="draft")
    factories.create_claim(stage="review")
    factories.retracted()
    published = factories.create_claim()

    assert slugs("") == {published.slug}


def test_a_merged_outlets_name_still_filters(reviewer):
    from factcheck import editing

    citation = factories.create_citation()
    winner = factories.create_outlet(slug="winner")
    editing.merge_outlets(loser=citation.outlet, winner=winner, by=reviewer)

    assert slugs(f"outlet={citation.outlet.slug}") == {citation.claim.slug}
    assert slugs("outlet=winner") == {citation.claim.slug}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("outlet=nowhere", "outlet"),
        ("status=maybe", "status"),
        ("status=true&status=maybe", "status"),
        ("country=Kazakhstan", "country"),
        ("year=soon", "year"),
        ("claimed_after=yesterday", "claimed_after"),
        ("cited_before=2021-02-30", "cited_before"),
        ("independent_min=-1", "independent_min"),
        ("independent_max=99999999999999999999", "independent_max"),
        ("basis=hearsay", "basis"),
        ("q=%00", "q"),
        ("outlet=a%00b", "outlet"),
        ("country=%00", "country"),
        ("&".join(f"year={n}" for n in range(1000, 1051)), "year"),
        ("sort=random", "sort"),
        ("page_size=1000", "page_size"),
        ("after=nonsense", "after"),
        ("before=bm9uc2Vuc2U", "before"),
        ("after=nonsense&before=nonsense", "after"),
    ],
)
def test_a_bad_value_is_an_error_of_its_field_and_drops_that_filter_alone(sample, query, field):
    chosen = asked(f"{query}&topic=trade")

    page = chosen.page()

    assert chosen.problems.keys() == {field}
    assert {row.slug for row in page.rows} == slugs("topic=trade")


def test_unknown_parameters_and_empty_values_are_ignored(sample):
    chosen = asked("utm_source=x&outlet=&status=&q=&year=&sort=&page_size=")

    assert chosen.total == Claim.objects.count()
    assert chosen.problems == {}
    assert list(chosen.active()) == []


def test_links_drop_one_value_and_keep_the_rest(sample):
    chosen = asked("status=true&status=false&q=kabul&sort=oldest&after=abc")

    assert chosen.query(drop={("status", "true")}) == "?q=kabul&status=false&sort=oldest"
    assert chosen.query(drop={("q", "kabul")}) == "?status=true&status=false&sort=oldest"


def a_world(chance):
    """Make rows in which every filter finds something."""
    owners = [factories.create_owner() for _ in range(3)]
    outlets = [
        factories.create_outlet(
            owner=chance.choice([None, *owners]),
            control=chance.choice(Control.values),
            country=chance.choice(["KZ", "RU", "US", ""]),
        )
        for _ in range(6)
    ]
    topics = [factories.create_topic() for _ in range(3)]
    articles = [factories.create_article() for _ in range(2)]
    claimants = [factories.create_claimant() for _ in range(3)]
    for _ in range(30):
        claim = factories.create_claim(
            stage=chance.choice(["published"] * 5 + ["draft"]),
            language=chance.choice(["en", "ru"]),
            claimant=chance.choice([None, *claimants]),
            article=chance.choice([None, *articles]),
            claimed_on=chance.choice(
                [None, date(2020, 5, 5), date(2021, 6, chance.randint(1, 30))]
            ),
            topics=chance.sample(topics, chance.randint(0, 2)),
        )
        for outlet in chance.sample(outlets, chance.randint(0, 4)):
            day = chance.choice(["", "2021-08", "2021-08-01", "2021-08-15", "2022-01-01"])
            factories.create_citation(
                claim,
                outlet,
                stance=chance.choice(["supports", "supports", "disputes", "mentions"]),
                date_text=day,
                date_end="2022-01-02" if day > "2021-08-" and chance.random() < 0.2 else None,
            )
        if chance.random() < 0.5:
            factories.create_verification(claim, status=chance.choice(Status.values))


def values_to_ask_for():
    """Return, for each filter, some values that occur in the world."""

    def slugs_of(rows, path="slug"):
        return sorted(set(rows.exclude(**{path: None}).values_list(path, flat=True)))

    # Records of published claims: no reader may ask for others.
    claims, outlets = Claim.objects.published(), Outlet.objects.all()
    return {
        "status": Status.values,
        "outlet": slugs_of(outlets),
        "owner": slugs_of(outlets, "owner__slug"),
        "control": Control.values,
        "country": ["KZ", "RU", "US"],
        "stance": Stance.values,
        "topic": slugs_of(claims, "topics__slug"),
        "claimant": slugs_of(claims, "claimant__slug"),
        "article": slugs_of(claims, "article__slug"),
        "language": ["en", "ru"],
        "year": ["2020", "2021"],
        "basis": list(BASIS),
        "claimed_after": ["2021-01-01", "2021-06-10"],
        "claimed_before": ["2021-01-01", "2021-06-10"],
        "cited_after": ["2021-08-01", "2021-12-01"],
        "cited_before": ["2021-08-01", "2021-12-01"],
        "independent_min": ["1", "2"],
        "independent_max": ["1", "3"],
    }


def a_query(chance):
    """Return some parameters that fit the world."""
    choices = values_to_ask_for()
    pairs = []
    for name in chance.sample(sorted(choices), chance.randint(1, 4)):
        count = min(chance.randint(1, 2) if name in FACETS else 1, len(choices[name]))
        pairs += [(name, value) for value in chance.sample(choices[name], count)]
    return urlencode(pairs)


def claim_filters(*kinds):
    return {
        name
        for name, condition in ClaimFilter.base_filters.items()
        if isinstance(condition, kinds or Condition)
    }


def test_each_filter_of_claims_is_compared_with_plain_sql_and_plain_python():
    """A new filter is added to the three tables that these tests ask; see docs/architecture.md."""
    sql = {*sql_facets.CLAIM_CONDITIONS, *sql_facets.CITATION_CONDITIONS} - {"found"}

    assert set(values_to_ask_for()) == sql == claim_filters()
    a_world(random.Random(1))
    claims = oracle.claims()
    for name, values in values_to_ask_for().items():
        for value in values:
            query = urlencode({name: value})
            assert slugs(query) == expected(query, claims), query
        assert any(slugs(urlencode({name: value})) for value in values), name


def test_each_filter_by_choice_has_a_facet_and_the_panel_shows_every_filter(db):
    panel = filter_panel.facets_context(asked(""))

    assert set(FACETS) == claim_filters(Codes, Rows)
    assert [facet["name"] for facet in panel["facets"]] == list(FACETS)
    fields = {field["name"] for field in (*panel["days"], *panel["numbers"])}
    assert fields == claim_filters() - set(FACETS)


def test_each_facet_is_counted_by_plain_sql_too():
    assert set(CLAIM_FACETS) == {*sql_facets.CLAIM_COLUMNS, "basis"}
    assert set(CITATION_FACETS) == set(sql_facets.CITATION_COLUMNS)


def test_a_filter_that_the_index_cannot_answer_is_an_error_not_an_empty_list(db):
    selection = facets.Selection({"no_such_filter": ["x"]})

    with pytest.raises(LookupError, match="no_such_filter"):
        _ = facets.select(selection).total


@pytest.mark.parametrize("name", sorted(ClaimFilter.base_filters))
def test_each_parameter_of_the_claims_list_is_in_the_manual(name):
    assert f"`{name}`" in MANUAL or name in ClaimFilter.unfiltered_params


def test_nobody_edits_a_queryset_hook_that_the_claims_list_does_not_use():
    with pytest.raises(TypeError, match="facet index"):
        _ = asked("status=true").qs


@pytest.mark.parametrize("seed", range(3))
def test_any_query_answers_as_plain_python_does(seed):
    chance = random.Random(seed)
    a_world(chance)
    claims = oracle.claims()
    for _ in range(40):
        query = a_query(chance)
        assert slugs(query) == expected(query, claims), query


@pytest.mark.parametrize("seed", range(3))
def test_any_facet_counts_what_choosing_it_would_show(seed):
    chance = random.Random(100 + seed)
    a_world(chance)
    claims = oracle.claims()
    for _ in range(6):
        query = a_query(chance)
        for name, choices in asked(query).result.counts().items():
            others = [(key, v) for key, vs in parsed(query).items() if key != name for v in vs]
            for choice in choices:
                alone = urlencode([*others, (name, choice.value)])
                assert choice.count == len(expected(alone, claims)), (query, name, choice)


def test_facets_leave_out_nothing_that_would_show_a_claim(sample):
    counted = asked("outlet=tass").result.counts()

    assert {choice.value: choice.count for choice in counted["outlet"]} == {
        slug: Claim.objects.filter(citations__outlet__slug=slug).distinct().count()
        for slug in Citation.objects.values_list("outlet__slug", flat=True)
    }


@pytest.mark.parametrize("engine", [facets, sql_facets])
def test_a_year_is_offered_as_it_is_asked_for(client, db, engine):
    for number, day in enumerate(("0001-02-03", "0999-01-01", "2021-01-01", "2022-01-01")):
        factories.create_claim(slug=f"of-{number}", claimed_on=day)

    def years(query, **given):
        counted = engine.select(asked(query).selection).counts(**given)
        return [(choice.value, choice.label, choice.count) for choice in counted["year"]]

    assert years("") == [(y, y, 1) for y in ("2022", "2021", "0999", "0001")]
    # What is ticked is among the first few, even if it shows no claim.
    assert years("", limit=1, include={"year": ["0001"]}) == [
        ("2022", "2022", 1),
        ("0001", "0001", 1),
    ]
    assert slugs("year=0001") == {"of-0"}
    html = client.get("/claims/?year=0001").content.decode()
    assert html.count('id="year-0001" value="0001" checked') == 1
    assert 'id="year-1"' not in html


def test_a_claim_that_cites_an_outlet_twice_is_one_claim(sample):
    counted = asked("topic=trade").result.counts()

    assert next(c.count for c in counted["outlet"] if c.value == "lsm") == 7
