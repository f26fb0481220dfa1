"""Undoing a merge: what it moved, and nobody has moved since, goes back."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import search
from factcheck.bulk_history import remember
from factcheck.db.claim_lock import take_turn
from factcheck.editing.attribution import save_as
from factcheck.editing.bulk_updates import (
    ids_of,
    record_recount,
    rows_with,
    suspended_triggers,
    update,
)
from factcheck.editing.duplicate_citations import folded_claim_ids, unfold
from factcheck.editing.permissions import require_permission
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Merge,
    MergeKind,
    Outlet,
    OutletAlias,
    Role,
)


@transaction.atomic
def undo_merge(*, merge: Merge, by: User) -> None:
    """Undo a merge: what it moved, and nobody has moved since, goes back."""
    require_permission(by, f"change_{merge.kind}", f"delete_{merge.kind}")
    take_turn(alone=True)
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at:
        raise ValidationError(_("This merge was taken back already."))
    model: Any = Outlet if merge.kind == MergeKind.OUTLET else Claimant
    loser, winner = model.objects.get(pk=merge.loser_id), model.objects.get(pk=merge.winner_id)
    if loser.merged_into_id != winner.pk:
        raise ValidationError(
            _("%(winner)s was merged itself since: take that back first.") % {"winner": winner}
        )
    reason = f"merge into {winner.slug} taken back"
    loser.merged_into = None
    save_as(loser, reason=reason, by=by)
    merged = model.objects.filter(pk__in=merge.moved["merged"], merged_into=winner)
    merged.update(merged_into=loser)
    give_back = _give_back_to_outlet if model is Outlet else _give_back_to_claimant
    give_back(loser, winner, merge.moved, reason, by)
    merge.undone_by, merge.undone_at = by, timezone.now()
    merge.save()
    moved = [pk for name in ("citations", "reprints") for pk in merge.moved.get(name, ())]
    moved += [pk for pk, _source in merge.moved.get("cleared", ())]
    record_recount(
        folded_claim_ids(merge.moved.get("folded", ())),
        moved,
        reason=f"The merge of “{loser}” into “{winner}” was undone.",
        by=by,
    )
    transaction.on_commit(search.drain, robust=True)


def _give_back_to_outlet(
    loser: Outlet, winner: Outlet, moved: dict[str, Any], reason: str, by: User
) -> None:
    citations = ids_of(rows_with(Citation, moved["citations"]).filter(outlet=winner))
    reprints = ids_of(rows_with(Citation, moved["reprints"]).filter(reprint_of=winner))
    source_ids = dict(moved["cleared"])
    cleared = ids_of(
        rows_with(Citation, source_ids)
        .filter(reprint_of=None, outlet__in=[loser, winner])
        .exclude(role=Role.REPORTING)
    )
    changed = [*citations, *reprints, *cleared]
    with suspended_triggers(folded_claim_ids(moved["folded"]), changed, loser, winner):
        rows_with(Citation, citations).update(outlet=loser)
        rows_with(Citation, reprints).exclude(outlet=loser).update(reprint_of=loser)
        for source in (loser, winner):
            ids = [pk for pk in cleared if source_ids[pk] == source.pk]
            rows_with(Citation, ids).exclude(outlet=source).update(reprint_of=source)
        rows_with(OutletAlias, moved["aliases"]).filter(outlet=winner).update(outlet=loser)
    remember(Citation, set(changed), reason=reason, by=by)
    # Only now are the places of the folded citations free again.
    for folded in moved["folded"]:
        unfold(folded, reason=reason, by=by)
    articles = ids_of(rows_with(Article, moved["articles"]).filter(publisher=winner))
    update(Article, articles, reason=reason, by=by, publisher=loser)


def _give_back_to_claimant(
    loser: Claimant, winner: Claimant, moved: dict[str, Any], reason: str, by: User
) -> None:
    claims = ids_of(rows_with(Claim, moved["claims"]).filter(claimant=winner))
    outlets = ids_of(rows_with(Outlet, moved["outlets"]).filter(speaks_for=winner))
    update(Claim, claims, reason=reason, by=by, claimant=loser)
    update(Outlet, outlets, reason=reason, by=by, speaks_for=loser)
