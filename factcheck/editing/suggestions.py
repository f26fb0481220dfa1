"""Changes of records that public claims use: contributors suggest them, reviewers decide.

A new owner of an outlet, or a new name of a claimant, changes what readers see on published claims
as much as a new wording of the claim does.
"""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck.db.claim_lock import lock_claims
from factcheck.editing import effects
from factcheck.editing.attribution import save_as
from factcheck.editing.field_values import stored_value, value_in_words
from factcheck.editing.public_claims import may_change_public, require_public_change
from factcheck.editing.roles import require_permission
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Outlet,
    OutletAlias,
    Owner,
    SuggestedChange,
    SuggestionState,
    Topic,
    Verification,
)
from factcheck.text.name_keys import name_key

# The key of an outlet's changed names, next to the names of its fields.
NAMES = "names"
# Fields that readers never see.
_PRIVATE_FIELDS: dict[type[models.Model], set[str]] = {Article: {"text"}}
_MAX_REASON, _MAX_TARGET, _MAX_DECISION = 100, 300, 500


def outlets_in_use() -> QuerySet[Outlet]:
    """Return the outlets that public claims cite, and the publishers of their fact-checks and
    articles.
    """
    public = Exists(Claim.objects.public().filter(pk=OuterRef("claim")))
    cited = Citation.objects.filter(public)
    checked = Verification.objects.filter(public)
    articles = Article.objects.public().filter(publisher=OuterRef("pk"))
    return Outlet.objects.filter(
        Exists(cited.filter(outlet=OuterRef("pk")))
        | Exists(cited.filter(reprint_of=OuterRef("pk")))
        | Exists(checked.filter(publisher=OuterRef("pk")))
        | Exists(articles)
    )


def in_use(model: type[models.Model]) -> QuerySet[Any]:
    """Return the outlets, owners, claimants, topics or articles that public claims use."""
    if model is Outlet:
        return outlets_in_use()
    if model is Owner:
        return Owner.objects.filter(Exists(outlets_in_use().filter(owner=OuterRef("pk"))))
    if model is Claimant:
        claims = Claim.objects.public().filter(claimant=OuterRef("pk"))
        outlets = outlets_in_use().filter(speaks_for=OuterRef("pk"))
        return Claimant.objects.filter(Exists(claims) | Exists(outlets))
    rows: QuerySet[Any] = (Topic if model is Topic else Article).objects.public()
    return rows


def must_suggest(row: models.Model, user: Any) -> bool:
    """Return whether a reviewer must apply a user's change of a stored row."""
    return not may_change_public(user) and in_use(type(row)).filter(pk=row.pk).exists()


def is_private(model: type[models.Model], fields: Collection[str]) -> bool:
    """Return whether readers never see any of these fields."""
    return set(fields) <= _PRIVATE_FIELDS.get(model, set())


@transaction.atomic
def suggest(
    *,
    row: models.Model,
    by: User,
    reason: str = "",
    removed: Collection[str] = (),
    added: Collection[str] = (),
) -> SuggestedChange | None:
    """Store a row's unsaved values as a suggestion; return None if none of them is new.

    `removed` and `added` are names under which an outlet is cited.
    """
    kind = str(row._meta.model_name)
    require_permission(by, f"change_{kind}")
    before = type(row)._default_manager.get(pk=row.pk)
    changes = _changes(before, row)
    if removed or added:
        label = str(OutletAlias._meta.verbose_name_plural)
        changes[NAMES] = {"before": sorted(removed), "after": sorted(added), "label": label}
        changes[NAMES] |= {"said_before": ", ".join(removed), "said_after": ", ".join(added)}
    if not changes:
        return None
    return SuggestedChange.objects.create(
        kind=kind,
        target_id=row.pk,
        target=str(before)[:_MAX_TARGET],
        changes=changes,
        reason=reason[:_MAX_REASON],
        proposed_by=by,
    )


def target_of(suggestion: SuggestedChange) -> Any:
    """Return the record that a suggestion is about; None if it was deleted."""
    return _model(suggestion)._default_manager.filter(pk=suggestion.target_id).first()


def conflicts(suggestion: SuggestedChange, row: Any) -> list[str]:
    """Return a sentence for each value that has changed since the change was suggested."""
    sentences = []
    for name, values in suggestion.changes.items():
        if name == NAMES:
            current = set(row.aliases.values_list("name", flat=True))
            sentences += [
                _("It is no longer cited as “%(name)s”.") % {"name": alias}
                for alias in values["before"]
                if alias not in current
            ]
            continue
        field = row._meta.get_field(name)
        value = stored_value(row, field)
        if value not in (values["before"], values["after"]):
            sentences.append(
                _("%(field)s: “%(before)s” became “%(now)s” since.")
                % {
                    "field": values["label"],
                    "before": values["said_before"],
                    "now": value if value is None else value_in_words(row, field),
                }
            )
    return sentences


def effects_of(suggestion: SuggestedChange) -> effects.Effects:
    """Return the effects of applying a suggestion on the counts of public claims."""
    owner = suggestion.changes.get("owner")
    if suggestion.kind != "outlet" or owner is None:
        return effects.Effects()
    return effects.predict_owner_change({suggestion.target_id: owner["after"]})


@transaction.atomic
def apply_suggestion(*, suggestion: SuggestedChange, by: User, reason: str = "") -> None:
    """Save a suggested change, unless the record has changed since.

    `reason` is for readers; without it they see the reason that the suggestion gives.
    """
    require_public_change(by)
    require_permission(by, f"change_{suggestion.kind}")
    suggestion = _lock_open(suggestion)
    rows = _model(suggestion)._default_manager.select_for_update()
    row = rows.filter(pk=suggestion.target_id).first()
    if row is None or getattr(row, "merged_into_id", None):
        raise ValidationError(_("This record was merged or deleted since: decline the change."))
    if sentences := conflicts(suggestion, row):
        raise ValidationError([_("The record has changed since this was proposed."), *sentences])
    public_reason = reason.strip() or suggestion.reason
    if not public_reason and effects_of(suggestion):
        raise ValidationError(_("Counts of public claims change: give a reason for readers."))
    outlets = [row.pk] if suggestion.kind == "outlet" else []
    with effects.recording_recount(outlets, reason=public_reason, by=by):
        _write(suggestion, row, by=by, reason=public_reason)
    _decide(suggestion, SuggestionState.APPLIED, by, reason)


@transaction.atomic
def decline_suggestion(*, suggestion: SuggestedChange, by: User, reason: str) -> None:
    """Close a suggestion without saving its change; whoever made it reads the reason."""
    require_public_change(by)
    suggestion = _lock_open(suggestion)
    if not reason.strip():
        raise ValidationError(_("Give a reason: whoever proposed this will read it."))
    _decide(suggestion, SuggestionState.DECLINED, by, reason)


def _lock_open(suggestion: SuggestedChange) -> SuggestedChange:
    # A new owner needs the exclusive lock, and needs it before any row is locked.
    lock_claims(exclusive=suggestion.kind == "outlet")
    suggestion = SuggestedChange.objects.select_for_update().get(pk=suggestion.pk)
    if suggestion.state != SuggestionState.OPEN:
        raise ValidationError(_("This change was decided already."))
    return suggestion


def _write(suggestion: SuggestedChange, row: Any, *, by: User, reason: str) -> None:
    """Save the suggested values and names."""
    for name, values in suggestion.changes.items():
        if name != NAMES:
            field = row._meta.get_field(name)
            setattr(row, field.attname, field.to_python(values["after"]))
    row.full_clean()
    save_as(row, reason=reason[:_MAX_REASON] or None, by=by)
    if NAMES in suggestion.changes:
        _rename(row, suggestion.changes[NAMES])


def _decide(suggestion: SuggestedChange, state: str, by: User, reason: str) -> None:
    suggestion.state, suggestion.decision = state, reason.strip()[:_MAX_DECISION]
    suggestion.decided_by, suggestion.decided_at = by, timezone.now()
    suggestion.save()


def _rename(outlet: Outlet, names: dict[str, Any]) -> None:
    keys = {name_key(name) for name in names["after"]}
    # Names that differ only in spelling have the same key, and so the same row.
    old = OutletAlias.objects.filter(outlet=outlet).filter(
        Q(name__in=names["before"]) | Q(key__in=keys)
    )
    old.delete()
    for name in names["after"]:
        alias = OutletAlias(outlet=outlet, name=name)
        alias.full_clean()
        alias.save()
    outlet.sync_own_aliases()


def _model(suggestion: SuggestedChange) -> Any:
    return apps.get_model("factcheck", suggestion.kind)


def _changes(before: models.Model, after: models.Model) -> dict[str, dict[str, Any]]:
    changes = {}
    for field in after._meta.concrete_fields:
        if not field.editable or field.primary_key:
            continue
        old, new = stored_value(before, field), stored_value(after, field)
        if old != new:
            changes[field.name] = {
                "before": old,
                "after": new,
                "label": str(field.verbose_name),
                "said_before": value_in_words(before, field),
                "said_after": value_in_words(after, field),
            }
    return changes
