"""Editors who write at once: nothing is lost, nobody is locked out, every count is right."""

import contextlib
import random
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError, connection

from factcheck import audit, editing, public_record, search
from factcheck.imports.articles.importer import write_article
from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import Article, Citation, Claim, Outlet, Verification
from tests import factories, oracle

ROUNDS = 25


@pytest.fixture
def desk(transactional_db):
    call_command("migrate", verbosity=0)  # the roles, which the last flush took away
    return factories.create_editor("desk", "Contributors", "Reviewers")


def at_once(*jobs):
    """Run each job in a thread with a connection of its own; return what they raised."""
    raised = []

    def run(number, job):
        chance = random.Random(number)
        try:
            for _ in range(ROUNDS):
                job(chance)
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_citations_owners_and_findings_at_once(desk):
    owners = [factories.create_owner() for _ in range(2)]
    outlets = [factories.create_outlet() for _ in range(4)]
    claims = [factories.create_claim() for _ in range(3)]

    def cite(chance):
        claim = Claim.objects.get(pk=chance.choice(claims).pk)
        factories.create_citation(
            claim, chance.choice(outlets), url=f"https://example.org/{chance.random()}"
        )

    def own(chance):
        outlet = Outlet.objects.get(pk=chance.choice(outlets).pk)
        outlet.owner = chance.choice([None, *owners])
        outlet.save()

    def edit(chance):
        claim = Claim.objects.get(pk=chance.choice(claims).pk)
        claim.text = f"Edited {chance.random()}"
        claim.save()
        Citation.objects.filter(claim=claim).first()

    def verify(chance):
        factories.create_verification(
            chance.choice(claims), status=chance.choice(["true", "false"])
        )

    assert at_once(cite, cite, own, edit, verify) == []

    oracle.assert_all_right()
    assert list(audit.differences()) == []
    public_record.record_changes([claim.pk for claim in claims], reason="A storm.")
    assert list(audit.faults()) == []
    assert Citation.objects.count() == 2 * ROUNDS


def test_approvals_and_retractions_at_once(desk):
    claim = factories.create_claim()
    factories.create_verification(claim)

    def approve(chance):
        editing.approve(proposal=factories.create_proposal(claim), by=desk)

    def turn(chance):
        for verb in (editing.retract, editing.restore):
            with contextlib.suppress(ValidationError):  # the other thread was quicker
                verb(claim=claim, by=desk, reason="So.")

    assert at_once(approve, turn, turn) == []

    numbers = list(Verification.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    oracle.assert_all_right()


def test_one_article_imported_by_several_at_once_goes_in_once(desk):
    text = "It grew (Fresh Wire, TASS, August 20). It fell (Fresh.kz, August 21)."

    def ingest(chance):
        names = OutletNames.load()
        read = read_article(text, title="Trade", published="2021-09", is_outlet=names.__contains__)
        write_article(read, names=names, by=desk)

    assert at_once(*[ingest] * 4) == []
    assert (Article.objects.count(), Claim.objects.count()) == (1, 2)
    assert (Outlet.objects.count(), Citation.objects.count()) == (3, 3)
    assert list(audit.differences()) == []


@pytest.mark.django_db(transaction=True)
def test_a_row_is_saved_with_its_history_or_not_at_all(monkeypatch):
    claim = factories.create_claim(text="As it was")
    claim.text = "As it is"

    def fail(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(Claim.history.model, "save", fail)
        with pytest.raises(RuntimeError):
            claim.save()
    assert Claim.objects.get().text == "As it was"


@pytest.mark.django_db(transaction=True)
def test_a_save_is_done_though_its_words_cannot_be_renewed(monkeypatch):
    claim = factories.create_claim()
    claim.text = "The bridge was closed"

    def fail(*args, **kwargs):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("factcheck.search.drain", fail)
        claim.save()

    assert Claim.objects.get().text == "The bridge was closed"
    assert Claim.objects.filter(search.search_q(search.parse("bridge"))).exists()
