"""Keyset pages: every row once, in one order, forwards and backwards."""

import base64
import json
from datetime import date

import pytest
from django.http import QueryDict

from factcheck import search
from factcheck.db import bulk_sql
from factcheck.filters import CLAIM_SORTS, ArticleFilter, ClaimFilter, OutletFilter
from factcheck.models import Article, Claim, Outlet
from tests import factories, sql_facets

pytestmark = pytest.mark.django_db


@pytest.fixture
def many():
    for number in range(47):
        day = None if number % 5 == 0 else date(2021, 1 + number % 3, 1 + number % 4)
        claim = factories.create_claim(claimed_on=day)
        for _ in range(number % 3):
            factories.create_citation(claim)


def page(**query):
    data = QueryDict(mutable=True)
    data.update(query)
    return ClaimFilter(data).page()


def walk(sort, way="after"):
    rows, cursor = [], ""
    if way == "before":
        last = page(sort=sort)
        while last.after:
            last = page(sort=sort, after=last.after)
        rows, cursor = [last.rows], last.before
    while True:
        found = page(sort=sort, **{way: cursor}) if cursor else page(sort=sort)
        if way == "before" and not cursor:
            break
        rows.append(found.rows)
        cursor = getattr(found, way)
        if not cursor:
            break
    ordered = rows if way == "after" else rows[::-1]
    return [claim.id for chunk in ordered for claim in chunk]


def key(sort):
    return {
        "newest": lambda c: (c.claimed_on is None, -(c.claimed_on or date.min).toordinal(), -c.pk),
        "oldest": lambda c: (c.claimed_on is None, c.claimed_on or date.max, c.pk),
        "most_cited": lambda c: (
            -c.citation_count,
            c.claimed_on is None,
            -(c.claimed_on or date.min).toordinal(),
            -c.pk,
        ),
        "least_corroborated": lambda c: (
            c.independent_count,
            c.claimed_on is None,
            c.claimed_on or date.max,
            c.pk,
        ),
        "relevance": lambda c: (
            c.claimed_on is None,
            -(c.claimed_on or date.min).toordinal(),
            -c.pk,
        ),
    }[sort]


@pytest.mark.parametrize("sort", CLAIM_SORTS)
def test_pages_show_every_claim_once_and_in_order(many, sort):
    expected = [claim.pk for claim in sorted(Claim.objects.all(), key=key(sort))]

    assert walk(sort) == expected
    assert walk(sort, "before") == expected


def test_a_page_is_stable_while_rows_come_and_go(many):
    first = page()
    second = [claim.id for claim in page(after=first.after).rows]
    factories.create_claim(claimed_on=date(2025, 1, 1))
    Claim.objects.get(pk=first.rows[-1].id).delete()

    assert [claim.id for claim in page(after=first.after).rows] == second


def test_relevance_puts_the_claims_own_words_first():
    outlet = factories.create_outlet(name="Kabul Daily")
    cites = factories.create_claim(text="Something else", claimed_on=date(2022, 1, 1))
    factories.create_citation(cites, outlet)
    says = factories.create_claim(text="Kabul fell", claimed_on=date(2021, 1, 1))
    search.drain()

    rows = page(q="kabul", sort="relevance").rows

    assert [row.id for row in rows] == [says.pk, cites.pk]


def create_hits(count):
    for number in range(count):
        times = "Kabul " * (1 + number % 3)
        claim = factories.create_claim(
            text=f"{times} {number}", claimed_on=date(2021, 1, 1 + number % 28)
        )
        if number % 2:
            factories.create_citation(claim, factories.create_outlet(name=f"Kabul {number}"))
    factories.create_claim(text="Herat")
    search.drain()


def ranked(**query):
    return page(q="kabul", sort="relevance", **query)


@pytest.mark.django_db(transaction=True)
def test_pages_of_the_best_matches_show_each_once_in_order_there_and_back():
    create_hits(47)
    expected = [
        search.claim_id_of(place) for _score, place in search.ranking(search.parse("kabul"), set)
    ]
    first = ranked()
    second = ranked(after=first.after)
    third = ranked(after=second.after)

    assert [row.id for found in (first, second, third) for row in found.rows] == expected
    assert (first.before, third.after) == ("", "")
    assert [row.id for row in ranked(before=third.before).rows] == [row.id for row in second.rows]
    assert [row.id for row in ranked(before=second.before).rows] == [row.id for row in first.rows]


def test_a_cursor_of_best_matches_starts_again_when_the_data_has_changed():
    create_hits(25)
    first = ranked()
    factories.create_claim(text="Kabul Kabul")
    data = QueryDict(f"q=kabul&sort=relevance&after={first.after}")

    chosen = ClaimFilter(data)

    assert len(chosen.page().rows) == 20
    assert "The claims have changed since" in chosen.problems["after"][0]


@pytest.mark.parametrize("values", [(0, 1, 1), (None, 1, 1), ("x",), (1, [], {}), (1, 10**30, 1)])
def test_a_forged_cursor_of_best_matches_shows_the_first_page(values):
    create_hits(3)

    assert len(ranked(after=cursor_of("relevance", *values)).rows) == 3


@pytest.mark.parametrize("sort", CLAIM_SORTS)
def test_a_list_too_long_for_its_ids_is_walked_in_its_order(many, sort, monkeypatch):
    monkeypatch.setattr("factcheck.filters.claims.MAX_IDS", 3)
    chosen = {"year": "2021"}
    expected = [claim.pk for claim in sorted(Claim.objects.filter(year=2021), key=key(sort))]
    rows, cursor = [], ""
    while True:
        found = page(sort=sort, **chosen, **({"after": cursor} if cursor else {}))
        rows += [row.id for row in found.rows]
        cursor = found.after
        if not cursor:
            break
        back = page(sort=sort, **chosen, before=page(sort=sort, **chosen, after=cursor).before)
        assert [row.id for row in back.rows] == [row.id for row in found.rows]

    assert rows == expected
    assert 20 < len(rows) < 47


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "newest", "year": "2021", "claimed_before": "2021-01-31"},
        {"sort": "newest", "claimed_before": "2021-01-31"},
        {"sort": "oldest", "claimed_after": "2021-03-01"},
        {"sort": "least_corroborated", "independent_min": "2"},
    ],
)
def test_a_walk_begins_where_the_filters_let_it(many, query, monkeypatch):
    monkeypatch.setattr("factcheck.filters.claims.MAX_IDS", 3)
    walked = []
    numbers = bulk_sql.fetch_ids

    def note(statement, *params):
        found = numbers(statement, *params)
        if "LIMIT" in statement:  # a stretch, not the claims of a part of a month
            walked.append(found)
        return found

    monkeypatch.setattr("factcheck.db.bulk_sql.fetch_ids", note)

    rows = page(**query).rows

    undated = Claim.objects.filter(claimed_on=None).count()
    assert len(rows) > 3
    assert rows[0].id in walked[0][: 1 + undated]
    assert len(walked[0]) <= len(rows) + undated < 47


@pytest.mark.parametrize(
    "query", ["", "year=2021", "q=statement&sort=relevance", "basis=uncited&sort=oldest"]
)
def test_plain_sql_finds_and_counts_the_same(many, query):
    expected, by_sql = answer(query), ClaimFilter(QueryDict(query))

    by_sql.result = sql_facets.select(by_sql.selection)

    assert answer(query, by_sql) == expected


def answer(query, chosen=None):
    chosen = chosen or ClaimFilter(QueryDict(query))
    return chosen.total, [row.id for row in chosen.page().rows], chosen.result.counts(limit=5)


def test_outlets_and_articles_are_in_byte_order_on_both_engines():
    for name in ("b", "A", "Ж", "a", "Z"):
        factories.create_outlet(name=name)
        factories.create_article(title=name)
    Article.objects.update()
    for article in Article.objects.all():
        factories.create_claim(article=article)

    outlets = OutletFilter(queryset=Outlet.objects.listed().for_list()).page().rows
    articles = ArticleFilter(queryset=Article.objects.public().for_list()).page().rows

    assert [outlet.name for outlet in outlets] == ["A", "Z", "a", "b", "Ж"]
    assert [article.title for article in articles] == ["A", "Z", "a", "b", "Ж"]


def cursor_of(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "💥", "bnVsbA", "MQ", "e30", "W10"),
        cursor_of("newest"),
        cursor_of("newest", 1, 1),
        cursor_of("newest", "2021-01-01", True),
        cursor_of("oldest", "2021-01-01", 1),
        cursor_of("newest", "2021-01-01", 1e300),
        cursor_of("newest", "2021-01-01", 10**30),
        cursor_of("newest", "2021-99-01", 1),
        cursor_of("newest", ["2021-01-01"], 1),
    ],
)
def test_a_forged_cursor_shows_the_first_page(many, cursor):
    assert [claim.id for claim in page(after=cursor).rows] == [claim.id for claim in page().rows]


@pytest.mark.parametrize(
    ("path", "sort"), [("/outlets/", "name"), ("/outlets/", "most_cited"), ("/articles/", "name")]
)
def test_outlets_and_articles_have_a_second_page(client, path, sort):
    for number in range(23):
        factories.create_outlet(name=f"Ж {number}")
        factories.create_claim(article=factories.create_article(title=f"Ж {number}"))
    first = client.get(path, {"sort": sort}).context

    second = client.get(f"{path}{first['links']['after']}").context

    shown = [row.id for context in (first, second) for row in context["page"].rows]
    assert len(shown) == len(set(shown)) == 23
    assert second["problems"] == []


@pytest.mark.parametrize("cursor", [cursor_of("name", "\0", 1), cursor_of("name", "\ud800", 1)])
def test_a_forged_name_shows_the_first_page(client, cursor):
    factories.create_outlet()

    assert len(client.get("/outlets/", {"after": cursor}).context["page"].rows) == 1


@pytest.mark.parametrize("value", [True, 10**30, "1", None])
def test_a_forged_number_of_the_log_shows_the_first_page(client, value):
    factories.create_verification()

    assert client.get("/corrections/", {"after": cursor_of("log", value)}).status_code == 200
