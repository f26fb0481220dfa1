"""The tables.

    Owner 1─* Outlet 1─* OutletAlias                     Claimant 1─* Claim *─* Topic
                │                                                      │
                ├─1─* Citation *─1──────────── Claim ──────────────────┤
                └─1─* Article 1─*───────────── Claim     Verification *┘ 1─* Evidence
                                                         Proposal     *┘

Derived columns (`Claim.status` and its counts) and the append-only log are kept by SQL triggers:
see `factcheck.triggers`. A `Checkpoint` proves what the log contained at one time.
"""

# Django registers models in the order of their imports, and `dumpdata` without natural keys writes
# tables in that order: evidence has to come before the checkpoint that holds it.
from factcheck.models import verifications

# isort: split
from factcheck.models.articles import Article
from factcheck.models.bookkeeping import (
    Change,
    Epoch,
    FacetIndex,
    ImportProgress,
    SearchDocument,
    SearchPending,
)
from factcheck.models.checkpoints import Checkpoint, LogKey
from factcheck.models.citations import Citation, Role, Stance
from factcheck.models.claim_querysets import ClaimQuerySet
from factcheck.models.claimants import Claimant, Topic
from factcheck.models.claims import Claim
from factcheck.models.imports import ImportBatch, ImportedRow, ImportKind
from factcheck.models.merges import Merge, MergeKind
from factcheck.models.outlet_kinds import Control
from factcheck.models.outlets import Outlet, OutletAlias
from factcheck.models.owners import Owner
from factcheck.models.proposals import Proposal, ProposalState
from factcheck.models.ratings import RatingLabel
from factcheck.models.stages import Stage
from factcheck.models.statuses import Status
from factcheck.models.submissions import Submission
from factcheck.models.suggested_changes import SuggestedChange, SuggestionState
from factcheck.models.verifications import (
    Correction,
    Evidence,
    RemovedRecord,
    Verification,
    VerificationKind,
)
