"""Search finds every word, whoever wrote it and however."""

import random
from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factcheck import search
from factcheck.models import Citation, Claim, Outlet, SearchDocument, SearchPending
from factcheck.search.query import COLUMNS
from tests import factories

pytestmark = pytest.mark.django_db


def found(typed):
    query = search.parse(typed)
    return set(Claim.objects.filter(search.search_q(query)).values_list("slug", flat=True))


@pytest.fixture
def claim():
    claimant = factories.create_claimant(name="Kassym Tokayev", native_name="Қасым Тоқаев")
    claim = factories.create_claim(
        text="The embassy in Kabul stays open: 100% sure_ly",
        native_text="Ещё открыто посольство",
        claimant=claimant,
        topics=[factories.create_topic(name="Refugees")],
        article=factories.create_article(title="Keeps Its Distance"),
    )
    outlet = factories.create_outlet(name="Tengrinews.kz", native_name="Тенгриньюс")
    factories.create_citation(claim, outlet)
    factories.create_claim(text="Nothing of the kind")
    search.drain()
    return claim


@pytest.mark.parametrize(
    "typed",
    [
        "kabul",
        "KABUL embassy",
        "embassy tokayev tengrinews",
        "тоқаев",
        "Токаева",
        "Tokaev",
        "ТЕНГРИНЬЮС",
        "еще ОТКРЫТО",
        "посольства",
        "embassies",
        "tengrinews.kz",
        '"embassy in kabul"',
        "«ещё открыто»",
        "“Kassym Tokayev”",
        "tokay*",
        "embas* -herat",
        '-"kabul in"',
        '"kabul',
        "(Kabul)",
        "100%",
        "sure_ly",
        "ka\u00adbul",
        "ka\u200bbul",
        "refugees",
        "distance",
    ],
)
def test_every_word_is_found_in_any_order_case_and_script(claim, typed):
    assert claim.slug in found(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "kabul nowhere",
        '"kabul embassy"',
        '"stays open kassym"',  # a phrase does not reach from the claim to its claimant
        "kabul -embassy",
        "-tokay*",
        '-"embassy in"',
        "abul",
        "sur_%",
        "e%y",
        "' OR 1=1",
    ],
)
def test_what_does_not_stand_there_is_not_found(claim, typed):
    assert claim.slug not in found(typed)


@pytest.mark.parametrize("typed", ["", "   ", "“”", "-", "*", "()", '""', '-""', "\\", "|", "💥"])
def test_no_word_means_no_condition(claim, typed):
    assert len(found(typed)) == 2


@pytest.mark.parametrize(
    "typed",
    [
        *("AND", "OR", "NOT", "NEAR(kabul embassy)", "claim_words:kabul", "kabul OR", "^kabul"),
        *(
            "kabul & | ! <-> embassy",
            "'kabul':*",
            "{kabul",
            'ka"bul',
            "kabul\0",
            "\ud800",
            "a" * 5000,
        ),
    ],
)
def test_no_mark_means_what_an_engine_would_read_into_it(claim, typed):
    query = search.parse(typed)

    assert found(typed) == fitting(query)


def fitting(query):
    """The claims that a query finds, worked out in plain Python from their documents."""
    return {
        document.claim.slug
        for document in SearchDocument.objects.select_related("claim")
        if not query or query.matches({name: getattr(document, name) for name in COLUMNS})
    }


WORDS = [
    *(
        "Kabul",
        "кабул",
        "embassy",
        "embassies",
        "Tokayev",
        "Токаева",
        "тоқаевқа",
        "trade",
        "trading",
    ),
    *("посольство", "посольства", "Ma'ruf", "2021", "x", "қазақстан", "Kazakhstan", "北京", "the"),
]
TYPED = st.lists(
    st.tuples(
        st.sampled_from(["", "-", '"', '-"']),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
        st.sampled_from(["", "*"]),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda pieces: " ".join(
        f"{mark}{' '.join(words)}{mark[-1:].strip('-')}{star}" for mark, words, star in pieces
    )
)


@pytest.fixture
def many_claims(db):
    chance = random.Random(5)
    outlets = [factories.create_outlet(name=f"{word} Times") for word in WORDS[:5]]
    for number in range(60):
        claim = factories.create_claim(
            text=" ".join(chance.choices(WORDS, k=chance.randint(1, 6))),
            native_text=chance.choice(["", " ".join(chance.choices(WORDS, k=3))]),
            claimed_on=chance.choice([None, date(2021, 1, 1 + number % 28)]),
        )
        for outlet in chance.sample(outlets, chance.randint(0, 2)):
            factories.create_citation(claim, outlet)
    search.drain()


@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=TYPED)
def test_both_engines_find_what_plain_python_does(many_claims, typed):
    query = search.parse(typed)

    assert found(typed) == fitting(query)
    assert search.search_ids(query) == set(
        Claim.objects.exclude(search.search_q(query)).values_list("pk", flat=True)
        if query.excluded and not query.required
        else Claim.objects.filter(search.search_q(query)).values_list("pk", flat=True)
    )


def test_both_engines_rank_alike(many_claims):
    query = search.parse("kabul embassy")
    ranking = search.ranking(query, set)

    assert ranking == sorted(ranking, reverse=True)
    assert {search.claim_id_of(place) for _score, place in ranking} == set(
        Claim.objects.filter(search.search_q(query)).values_list("pk", flat=True)
    )


def test_the_words_themselves_in_the_claim_itself_rank_first():
    outlet = factories.create_outlet(name="Tokayev Daily")
    texts = ["Tokayev spoke of trade", "Of trade spoke Токаеву", "It spoke of trade"]
    claims = [factories.create_claim(text=text, claimed_on=date(2021, 1, 1)) for text in texts]
    factories.create_citation(claims[2], outlet)
    search.drain()

    ranking = search.ranking(search.parse("tokayev trade"), set)

    assert [search.claim_id_of(place) for _score, place in ranking] == [
        claim.pk for claim in claims
    ]
    scores = [score for score, _place in ranking]
    assert scores[0] > scores[1] > scores[2]


def test_only_the_newest_hits_are_ranked(many_claims, monkeypatch):
    monkeypatch.setattr(import_module("factcheck.search.matching"), "MAX_RANKED", 3)
    ranking = search.ranking(search.parse("kabul"), lambda ids: {pk for pk in ids if pk % 2 == 0})
    hits = Claim.objects.filter(search.search_q(search.parse("kabul"))).newest()

    assert {search.claim_id_of(place) for _score, place in ranking} == {
        claim.pk for claim in [claim for claim in hits if claim.pk % 2 == 0][:3]
    }


def test_words_are_marked_and_everything_else_is_escaped():
    query = search.parse('tokay* "fell quietly" -herat')

    assert search.marked("<b>Токаев & Tokayev's fell quietly", query) == (
        "&lt;b&gt;<mark>Токаев</mark> &amp; <mark>Tokayev&#x27;s</mark>"
        " <mark>fell</mark> <mark>quietly</mark>"
    )
    long = search.marked("word " * 200 + "Tokayev " + "word " * 200, query, limit=200)
    assert "<mark>Tokayev</mark>" in long
    assert long.startswith("…")
    assert long.endswith("…")
    assert len(long) < 250


def test_words_are_marked_however_their_accents_are_written():
    for text, typed in (("une e\u0301cole", "école"), ("В Тока\u0301ев", "tokaev")):
        start, word = text.split()
        assert search.marked(text, search.parse(typed)) == f"{start} <mark>{word}</mark>"


def test_claims_with_marks_over_their_letters_are_keyed_anew_by_the_migration():
    own, plain = factories.create_claim(text="Тока\u0301ев"), factories.create_claim(text="Kabul")
    cited, said = (
        factories.create_claim(),
        factories.create_claim(claimant=factories.create_claimant(name="İlham")),
    )
    factories.create_citation(cited, factories.create_outlet(name="दावा"))
    search.drain()
    migration = import_module("factcheck.migrations.0017_marks_in_words")
    migration.queue(apps, SimpleNamespace(connection=connection))

    queued = set(SearchPending.objects.values_list("claim_id", flat=True))
    assert queued == {own.pk, cited.pk, said.pk}
    assert plain.pk not in queued


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("Tokayef", "Tokayev"),
        ("Токаеф embassy", "Тоқаев embassy"),
        ("Tangrinews", "Tengrinews"),
        ("kabul", ""),
        ("xyzzyq", ""),
        ("-tokayef", ""),
    ],
)
def test_a_near_name_is_suggested_for_what_stands_nowhere(claim, typed, better):
    assert search.suggest(typed) == better


def raw(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_raw_sql_is_searched_at_once(claim):
    raw("UPDATE factcheck_claim SET text = %s WHERE id = %s", "Herat", claim.pk)

    assert SearchPending.objects.exists()
    assert found("herat") == {claim.slug}
    assert found("kabul") == set()
    assert found("herat tengrinews") == {claim.slug}


def test_a_renamed_outlet_a_new_alias_and_a_lost_citation_are_searched_at_once(claim):
    Outlet.objects.filter(name="Tengrinews.kz").update(name="Sky News")
    assert found("sky") == {claim.slug}

    outlet = Outlet.objects.get(name="Sky News")
    Outlet.objects.filter(pk=outlet.pk).update(domain="sky.example")
    assert found("sky.example") == {claim.slug}
    outlet.aliases.create(name="Небо")
    assert found("небо") == {claim.slug}

    Citation.objects.all().delete()
    assert found("sky") == set()


def test_many_words_are_cut_and_cost_little(claim):
    factories.create_outlet(name="a b c")

    assert len(search.parse(" ".join(map(str, range(500)))).terms) == 12
    assert Outlet.objects.matching_name("a b c " * 1000).count() == 1
    assert Outlet.objects.matching_name(" ".join(map(str, range(500)))).count() == 0


def test_a_renamed_claimant_is_searched_at_once(claim):
    type(claim.claimant).objects.update(name="Somebody Else", native_name="")

    assert found("somebody embassy") == {claim.slug}
    assert found("tokayev") == set()


def test_a_save_empties_the_queue(claim, django_capture_on_commit_callbacks):
    raw("UPDATE factcheck_claim SET text = 'Herat' WHERE id = %s", claim.pk)

    with django_capture_on_commit_callbacks(execute=True):
        factories.create_claim()

    assert not SearchPending.objects.exists()
    assert " herat " in SearchDocument.objects.get(claim=claim).claim_words


def test_rebuild_index_renews_every_document(claim, capsys):
    SearchDocument.objects.update(claim_words="", claim_stems="")
    assert found("kabul") == set()

    call_command("rebuild_index")

    assert found("kabul") == {claim.slug}
    assert "2 claims indexed" in capsys.readouterr().out


def test_a_deleted_claim_leaves_nothing_behind(claim):
    pk = claim.pk
    for table in ("citation", "claim_topics"):
        raw(f"DELETE FROM factcheck_{table} WHERE claim_id = %s", pk)
    raw("DELETE FROM factcheck_claim WHERE id = %s", pk)

    assert not SearchDocument.objects.filter(pk=pk).exists()
    assert not SearchPending.objects.filter(claim_id=pk).exists()


def test_a_renamed_topic_a_retitled_article_and_a_new_day_are_searched_at_once(claim):
    type(claim.topics.first()).objects.update(name="Migration")
    type(claim.article).objects.update(title="Comes Nearer")
    assert found("migration nearer") == {claim.slug}
    assert found("refugees") == found("distance") == set()

    claim.topics.clear()
    assert found("migration") == set()
    Claim.objects.filter(pk=claim.pk).update(claimed_on=date(2021, 8, 15))
    search.drain()
    assert SearchDocument.objects.get(claim=claim).pk == search.document_id(
        claim.pk, date(2021, 8, 15)
    )


@given(st.text())
def test_reading_what_was_typed_never_fails_and_is_bounded(typed):
    query = search.parse(typed)

    assert len(query.terms) <= 12
    assert all(key.isascii() and key.isalnum() for term in query.terms for key in term.keys)
    assert search.parse(typed) == query
