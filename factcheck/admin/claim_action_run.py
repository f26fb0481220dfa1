"""Carrying out an action on the claims of a page that asked."""

import time
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest

from factcheck import editing
from factcheck.admin.claim_actions import ClaimAction, claims_in_order
from factcheck.admin.edit_conflicts import visible_state
from factcheck.admin.finding_decisions import APPROVE, StaleError
from factcheck.admin.outcome import Outcome
from factcheck.admin.pages import digest_of, form_url
from factcheck.db.claim_lock import lock_claims
from factcheck.models import Claim

# Claims changed in one transaction: other editors wait no longer than for these.
CHUNK = 50
# Seconds of work in one request: then the page asks for the remaining claims.
MAX_SECONDS = 25


@dataclass
class ClaimActionRun:
    """An action on claims, as far as it is carried out within one request."""

    model_admin: Any
    request: HttpRequest
    action: ClaimAction
    options: dict[str, Any]
    outcome: Outcome = field(default_factory=Outcome)

    def run(self, ids: list[int]) -> list[int]:
        """Change claims; return the ids for which the page must ask again.

        Raise StaleError, with nothing done, if the claim that the page showed has changed since.
        """
        outcome, deadline = self.outcome, time.monotonic() + MAX_SECONDS
        while ids and not outcome.clock_error and (not outcome or time.monotonic() < deadline):
            ids = self._change_chunk(ids[:CHUNK]) + ids[CHUNK:]
        return ids

    @transaction.atomic
    def _change_chunk(self, ids: list[int]) -> list[int]:
        """Change some claims, each completely or not at all; return the ids to ask about again.

        All are locked first, in the same order in which everything else locks claims.
        """
        lock_claims()
        list(Claim.objects.filter(pk__in=ids).order_by("pk").select_for_update().values("pk"))
        claims = {claim.pk: claim for claim in claims_in_order(ids)}
        for position, pk in enumerate(ids):
            claim = claims.get(pk)
            if claim is None:
                self.outcome.add_missing(pk)
                continue
            try:
                self._change(claim)
            except (ValidationError, PermissionDenied) as error:
                self.outcome.add_error(error, str(claim), form_url(claim))
                if self.outcome.clock_error:
                    return ids[position:]
            else:
                self.outcome.add_done(claim)
        return []

    @transaction.atomic
    def _change(self, claim: Claim) -> None:
        """Change one claim, completely or not at all."""
        request: Any = self.request
        digest = request.POST.get("digest")
        if digest and digest_of(visible_state(claim)) != digest:
            raise StaleError
        if self.action.name == "delete":
            self.model_admin.log_deletions(request, [claim])
        if digest and self.action.name == "publish" and APPROVE in request.POST:
            proposal = claim.proposals.open().first()
            if proposal is None:
                raise StaleError
            clock_checked = "clock_checked" in request.POST
            editing.approve(proposal=proposal, by=request.user, clock_checked=clock_checked)
        self.action.function(claim=claim, by=request.user, **self.options)
