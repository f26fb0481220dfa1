"""The actions of editors: draft, cite, propose, approve, publish, retract, merge and more.

Each function takes the editor as `by`, checks the editor's role (PermissionDenied) and the state
of the rows (ValidationError), and writes everything or nothing.
"""

from factcheck.editing.claims import (
    check_publishable,
    cite,
    draft,
    publish,
    restore,
    retract,
    submit,
)
from factcheck.editing.draft_deletion import check_deletable, delete_draft, may_delete
from factcheck.editing.findings import (
    approve,
    confirm,
    decline,
    may_approve,
    needs_second_person,
    propose,
)
from factcheck.editing.imports import claims_of, preview_take_back, take_back_import
from factcheck.editing.merging import merge_claimants, merge_outlets, preview_merge, undo_merge
from factcheck.editing.public_claims import (
    changes_content,
    may_change_claim,
    may_change_public,
    record_change,
)
from factcheck.editing.reprints import mark_reprints
from factcheck.editing.suggestions import apply_suggestion, decline_suggestion, suggest
