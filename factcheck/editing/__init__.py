"""What editors do: draft, cite, propose, approve, publish, retract, merge and more.

Each function takes the actor as `by`, checks the actor's role (PermissionDenied) and the rows'
state (ValidationError), and writes all or nothing.
"""

from factcheck.editing.claims import (
    approve,
    check_publishable,
    cite,
    decline,
    draft,
    propose,
    publish,
    restore,
    retract,
    submit,
)
from factcheck.editing.drafts import UNSEEN, check_deletable, delete_draft, may_delete
from factcheck.editing.merging import (
    mark_reprints,
    merge_claimants,
    merge_outlets,
    preview,
    take_back,
)

__all__ = [
    "UNSEEN",
    "approve",
    "check_deletable",
    "check_publishable",
    "cite",
    "decline",
    "delete_draft",
    "draft",
    "mark_reprints",
    "may_delete",
    "merge_claimants",
    "merge_outlets",
    "preview",
    "propose",
    "publish",
    "restore",
    "retract",
    "submit",
    "take_back",
]
