"""Changes of records that public claims use: contributors suggest them, reviewers decide.

An outlet's owner, or a claimant's name, changes what readers see on published claims as much as
the claims' own words do.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck.db.claim_lock import take_turn
from factcheck.editing import effects
from factcheck.editing.permissions import need
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
from factcheck.text import name_key

# Beside the fields of an outlet: the names under which it is cited.
NAMES = "names"
# What readers never see.
_PRIVATE: dict[type[models.Model], set[str]] = {Article: {"text"}}


def outlets_in_use() -> QuerySet[Outlet]:
    """Return the outlets that public claims cite or have fact-checks of, and their articles'."""
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
        said = Claim.objects.public().filter(claimant=OuterRef("pk"))
        speaking = outlets_in_use().filter(speaks_for=OuterRef("pk"))
        return Claimant.objects.filter(Exists(said) | Exists(speaking))
    found: QuerySet[Any] = (Topic if model is Topic else Article).objects.public()
    return found


def must_suggest(row: models.Model, user: Any) -> bool:
    """Return whether a user's change of a stored row waits for a reviewer."""
    if user.has_perm("factcheck.publish_claim"):
        return False
    return in_use(type(row)).filter(pk=row.pk).exists()


def is_private(model: type[models.Model], fields: Collection[str]) -> bool:
    """Return whether readers never see any of these fields."""
    return set(fields) <= _PRIVATE.get(model, set())


@transaction.atomic
def suggest(
    *,
    row: models.Model,
    by: User,
    reason: str = "",
    removed: Collection[str] = (),
    added: Collection[str] = (),
) -> SuggestedChange | None:
    """Suggest the values that a row holds now, and has not saved; None if none is new.

    `removed` and `added` are names under which an outlet is cited.
    """
    kind = str(row._meta.model_name)
    need(by, f"change_{kind}")
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
        target=str(before)[:300],
        changes=changes,
        reason=reason[:100],
        proposed_by=by,
    )


def target_of(suggestion: SuggestedChange) -> Any:
    """Return the record that a suggestion is about; None if it is gone."""
    return _model(suggestion)._default_manager.filter(pk=suggestion.target_id).first()


def conflicts(suggestion: SuggestedChange, row: Any) -> list[str]:
    """Return what is no longer as it was when the change was suggested, a sentence each."""
    found = []
    for name, values in suggestion.changes.items():
        if name == NAMES:
            there = set(row.aliases.values_list("name", flat=True))
            gone = [one for one in values["before"] if one not in there]
            found += [_("It is no longer cited as “%(name)s”.") % {"name": one} for one in gone]
        elif (now := _stored(row, _field(row, name))) not in (values["before"], values["after"]):
            found.append(
                _("%(field)s: “%(before)s” became “%(now)s” since.")
                % {
                    "field": values["label"],
                    "before": values["said_before"],
                    "now": now if now is None else _said(row, _field(row, name)),
                }
            )
    return found


def effects_of(suggestion: SuggestedChange) -> effects.Effects:
    """Return what applying a suggestion would do to the counts of public claims."""
    owner = suggestion.changes.get("owner")
    if suggestion.kind != "outlet" or owner is None:
        return effects.Effects()
    return effects.of_owners({suggestion.target_id: owner["after"]})


@transaction.atomic
def apply_suggestion(*, suggestion: SuggestedChange, by: User, reason: str = "") -> None:
    """Save what was suggested, unless the record has changed since.

    `reason` is what readers are told; it may be left out where the suggestion gives one.
    """
    need(by, "publish_claim", f"change_{suggestion.kind}")
    suggestion = _open(suggestion)
    row = (
        _model(suggestion)
        ._default_manager.select_for_update()
        .filter(pk=suggestion.target_id)
        .first()
    )
    if row is None or getattr(row, "merged_into_id", None):
        raise ValidationError(_("This record was merged or deleted since: decline the change."))
    if found := conflicts(suggestion, row):
        raise ValidationError([_("The record has changed since this was proposed."), *found])
    said = reason.strip() or suggestion.reason
    if not said and effects_of(suggestion):
        raise ValidationError(_("Counts of public claims change: give a reason for readers."))
    outlets = [row.pk] if suggestion.kind == "outlet" else []
    with effects.recorded(outlets, reason=said, by=by):
        for name, values in suggestion.changes.items():
            if name != NAMES:
                field = _field(row, name)
                setattr(row, field.attname, field.to_python(values["after"]))
        row.full_clean()
        row._change_reason, row._history_user = said[:100] or None, by
        row.save()
        if NAMES in suggestion.changes:
            _rename(row, suggestion.changes[NAMES])
    _decide(suggestion, SuggestionState.APPLIED, by, reason)


@transaction.atomic
def decline_suggestion(*, suggestion: SuggestedChange, by: User, reason: str) -> None:
    """Close a suggestion that is not to be saved, and say why."""
    need(by, "publish_claim")
    suggestion = _open(suggestion)
    if not reason.strip():
        raise ValidationError(_("Give a reason: whoever proposed this will read it."))
    _decide(suggestion, SuggestionState.DECLINED, by, reason)


def _open(suggestion: SuggestedChange) -> SuggestedChange:
    # Before any row is locked: a new owner takes this turn alone.
    take_turn(alone=suggestion.kind == "outlet")
    suggestion = SuggestedChange.objects.select_for_update().get(pk=suggestion.pk)
    if suggestion.state != SuggestionState.OPEN:
        raise ValidationError(_("This change was decided already."))
    return suggestion


def _decide(suggestion: SuggestedChange, state: str, by: User, reason: str) -> None:
    suggestion.state, suggestion.decision = state, reason.strip()[:500]
    suggestion.decided_by, suggestion.decided_at = by, timezone.now()
    suggestion.save()


def _rename(outlet: Outlet, names: dict[str, Any]) -> None:
    keys = {name_key(name) for name in names["after"]}
    # By its key a name that is only spelt otherwise is the same row.
    old = OutletAlias.objects.filter(outlet=outlet).filter(
        Q(name__in=names["before"]) | Q(key__in=keys)
    )
    old.delete()
    for name in names["after"]:
        alias = OutletAlias(outlet=outlet, name=name)
        alias.full_clean()
        alias.save()
    outlet.keep_own_aliases()


def _model(suggestion: SuggestedChange) -> Any:
    return apps.get_model("factcheck", suggestion.kind)


def _field(row: models.Model, name: str) -> Any:
    return row._meta.get_field(name)


def _changes(before: models.Model, after: models.Model) -> dict[str, dict[str, Any]]:
    found = {}
    for field in after._meta.concrete_fields:
        if not field.editable or field.primary_key:
            continue
        old, new = _stored(before, field), _stored(after, field)
        if old != new:
            found[field.name] = {
                "before": old,
                "after": new,
                "label": str(field.verbose_name),
                "said_before": _said(before, field),
                "said_after": _said(after, field),
            }
    return found


def _stored(row: models.Model, field: Any) -> Any:
    value = getattr(row, field.attname)
    return value.isoformat() if isinstance(value, date) else value


def _said(row: models.Model, field: Any) -> str:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    value = getattr(row, field.name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
