"""Rows for tests, each with every default."""

import itertools
from datetime import date

from django.contrib.auth.models import Group, User
from django.utils import timezone

from factcheck import editing
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Evidence,
    Outlet,
    Owner,
    Proposal,
    Stage,
    Topic,
    Verification,
)

_numbers = itertools.count(1)


def create_owner(**fields):
    number = next(_numbers)
    return Owner.objects.create(**{"slug": f"owner-{number}", "name": f"Owner {number}", **fields})


def create_outlet(**fields):
    number = next(_numbers)
    return Outlet.objects.create(
        **{"slug": f"outlet-{number}", "name": f"Outlet {number}", **fields}
    )


def create_claimant(**fields):
    number = next(_numbers)
    return Claimant.objects.create(
        **{"slug": f"claimant-{number}", "name": f"Claimant {number}", **fields}
    )


def create_topic(**fields):
    number = next(_numbers)
    return Topic.objects.create(**{"slug": f"topic-{number}", "name": f"Topic {number}", **fields})


def create_article(**fields):
    number = next(_numbers)
    return Article.objects.create(
        **{"slug": f"article-{number}", "title": f"Article {number}", **fields}
    )


def create_claim(*, topics=(), **fields):
    number = next(_numbers)
    claim = Claim.objects.create(
        **{
            "slug": f"claim-{number}",
            "text": f"Statement {number}",
            "stage": Stage.PUBLISHED,
            **fields,
        }
    )
    claim.topics.set(topics)
    return claim


def create_citation(claim=None, outlet=None, **fields):
    day = date(2021, 8, 1 + next(_numbers) % 28)
    return Citation.objects.create(
        claim=claim or create_claim(),
        outlet=outlet or create_outlet(),
        **{"date_text": day.isoformat(), **fields},
    )


def create_verification(claim=None, *, evidence=(), **fields):
    verification = Verification.objects.create(
        claim=claim or create_claim(),
        **{"status": "true", "reason": "The record says so.", **fields},
    )
    for url in evidence:
        Evidence.objects.create(verification=verification, url=url, title="Record")
    return verification


def approved(claim, by, **fields):
    """Return a finding of the newsroom that went the way an editor's does."""
    return editing.approve(proposal=create_proposal(claim, **fields), by=by)


def create_proposal(claim=None, **fields):
    return Proposal.objects.create(
        claim=claim or create_claim(),
        **{
            "status": "true",
            "reason": "The record says so.",
            "evidence": [{"title": "Record", "url": "https://example.org/record"}],
            **fields,
        },
    )


def create_editor(name="editor", *groups):
    user = User.objects.create_user(name, password="a long password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return User.objects.get(pk=user.pk)


def retracted(**fields):
    return create_claim(
        stage=Stage.RETRACTED,
        retracted_at=timezone.now(),
        retraction_reason="It was a duplicate.",
        **fields,
    )
