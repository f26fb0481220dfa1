"""Search finds every word, whoever wrote it and however."""

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from factcheck import search
from factcheck.models import Citation, Claim, Outlet, SearchDocument, SearchPending
from factcheck.text import fold
from tests import factories

pytestmark = pytest.mark.django_db


def found(typed):
    return set(Claim.objects.filter(search.matching(typed)).values_list("slug", flat=True))


@pytest.fixture
def claim():
    claimant = factories.create_claimant(name="Kassym Tokayev", native_name="Қасым Тоқаев")
    claim = factories.create_claim(
        text="The embassy in Kabul stays open: 100% sure_ly",
        native_text="Ещё открыто посольство",
        claimant=claimant,
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
        "ТЕНГРИНЬЮС",
        "еще ОТКРЫТО",
        "tengrinews.kz",
        '"kabul"',
        "(Kabul)",
        "100%",
        "sure_ly",
        "ka\u00adbul",
        "ka\u200bbul",
    ],
)
def test_every_word_is_found_in_any_order_and_case(claim, typed):
    assert found(typed) == {claim.slug}


@pytest.mark.parametrize("typed", ["kabul nowhere", "100_", "sur_%", "e%y", "\\", "|", "' OR 1=1"])
def test_what_does_not_stand_there_is_not_found(claim, typed):
    assert claim.slug not in found(typed)


@pytest.mark.parametrize("typed", ["", "   ", "“”", "-", "*", "()"])
def test_no_word_means_no_condition(claim, typed):
    assert len(found(typed)) == 2


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

    assert len(search.words(" ".join(map(str, range(500))))) == 12
    assert Outlet.objects.named("a b c " * 1000).count() == 1
    assert Outlet.objects.named(" ".join(map(str, range(500)))).count() == 0


def test_a_renamed_claimant_is_searched_at_once(claim):
    type(claim.claimant).objects.update(name="Somebody Else")

    assert found("somebody embassy") == {claim.slug}
    assert found("tokayev") == set()


def test_a_save_empties_the_queue(claim, django_capture_on_commit_callbacks):
    raw("UPDATE factcheck_claim SET text = 'Herat' WHERE id = %s", claim.pk)

    with django_capture_on_commit_callbacks(execute=True):
        factories.create_claim()

    assert not SearchPending.objects.exists()
    assert "herat" in SearchDocument.objects.get(claim=claim).claim_words


def test_rebuild_index_renews_every_document(claim, capsys):
    SearchDocument.objects.update(claim_words="", outlet_words="")
    assert found("kabul") == set()

    call_command("rebuild_index")

    assert found("kabul") == {claim.slug}
    assert "2 claims indexed" in capsys.readouterr().out


def test_a_deleted_claim_leaves_nothing_behind(claim):
    pk = claim.pk
    raw("DELETE FROM factcheck_citation WHERE claim_id = %s", pk)
    raw("DELETE FROM factcheck_claim WHERE id = %s", pk)

    assert not SearchDocument.objects.filter(pk=pk).exists()
    assert not SearchPending.objects.filter(claim_id=pk).exists()


@given(st.text())
def test_reading_what_was_typed_never_fails_and_is_bounded(typed):
    words = search.words(typed)

    assert len(words) <= 12
    assert all(word == fold(word) for word in words)
