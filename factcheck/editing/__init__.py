"""What editors do: draft, cite, propose, approve, publish, retract, merge and more.

Each function takes the actor as `by`, checks the actor's role (PermissionDenied) and the rows'
state (ValidationError), and writes all or nothing.
"""

from factcheck.editing.claims import (
    approve,
    check_publishable,
    cite,
    confirm,
    decline,
    draft,
    propose,
    publish,
    record,
    restore,
    retract,
    submit,
)
from factcheck.editing.drafts import (
    check_deletable,
    delete_draft,
    delete_drafts,
    may_delete,
)
from factcheck.editing.imports import claims_of, review_import, take_back_import
from factcheck.editing.merging import (
    mark_reprints,
    merge_claimants,
    merge_outlets,
    preview,
    take_back,
)
from factcheck.editing.suggestions import apply_suggestion, decline_suggestion, suggest

__all__ = [
    "apply_suggestion",
    "approve",
    "check_deletable",
    "check_publishable",
    "cite",
    "claims_of",
    "confirm",
    "decline",
    "decline_suggestion",
    "delete_draft",
    "delete_drafts",
    "draft",
    "mark_reprints",
    "may_delete",
    "merge_claimants",
    "merge_outlets",
    "preview",
    "propose",
    "publish",
    "record",
    "restore",
    "retract",
    "review_import",
    "submit",
    "suggest",
    "take_back",
    "take_back_import",
]
