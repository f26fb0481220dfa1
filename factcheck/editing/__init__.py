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
    delete_draft,
    draft,
    propose,
    publish,
    record,
    restore,
    retract,
    submit,
)
from factcheck.editing.merging import (
    mark_reprints,
    merge_claimants,
    merge_outlets,
    preview,
    take_back,
)

__all__ = [
    "approve",
    "check_publishable",
    "cite",
    "confirm",
    "decline",
    "delete_draft",
    "draft",
    "mark_reprints",
    "merge_claimants",
    "merge_outlets",
    "preview",
    "propose",
    "publish",
    "record",
    "restore",
    "retract",
    "submit",
    "take_back",
]
