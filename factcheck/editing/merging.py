"""Merging two outlets or two claimants, and undoing a merge.

A merge moves many rows in a few statements while the triggers are suspended, and then does their
work once for all claims, so that every count is right when it is committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import search
from factcheck.bulk_history import record_versions
from factcheck.db.claim_lock import lock_claims
from factcheck.editing.attribution import save_as
from factcheck.editing.bulk_updates import (
    ids_of,
    record_recount,
    rows_with,
    suspended_triggers,
    update,
)
from factcheck.editing.duplicate_citations import duplicates_of, fold, folded_claim_ids, unfold
from factcheck.editing.roles import require_permission
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

_SHOWN = 20


@dataclass(frozen=True)
class MergePreview:
    """The number of rows that a merge would move, by kind, and the citations it would fold."""

    counts: dict[str, int]
    folded: Sequence[Citation]


def preview_merge(*, loser: Any, winner: Any) -> MergePreview:
    """Count the rows that a merge would move; ValidationError if it is impossible."""
    _check(loser, winner)
    if isinstance(loser, Claimant):
        return MergePreview(
            {_("claims"): loser.claims.count(), _("outlets"): loser.own_outlets.count()}, []
        )
    duplicates = duplicates_of(loser, winner)
    return MergePreview(
        {
            _("citations"): loser.citations.count() - len(duplicates),
            _("citations that become one with another"): len(duplicates),
            _("reprints of it"): loser.reprints.count(),
            _("names"): loser.aliases.count(),
            _("articles"): loser.articles.count(),
        },
        [citation for citation, _twin in duplicates[:_SHOWN]],
    )


@transaction.atomic
def merge_outlets(*, loser: Outlet, winner: Outlet, by: User) -> Merge:
    """Make `loser` a name of `winner`. Only citations that become the same are deleted.

    The merge keeps their columns, so that `undo_merge` can restore them.
    """
    require_permission(by, "change_outlet", "delete_outlet")
    loser, winner = _lock(loser, winner)
    reason = f"outlet merged into {winner.slug}"
    folded = [
        fold(citation, twin, reason=reason, by=by)
        for citation, twin in duplicates_of(loser, winner)
    ]
    citations = ids_of(loser.citations.all())
    # Reprints of each other would become reprints of themselves.
    cleared = ids_of(
        Citation.objects.filter(
            Q(outlet=loser, reprint_of=winner) | Q(outlet=winner, reprint_of=loser)
        )
    )
    reprints = sorted(set(ids_of(loser.reprints.all())) - set(cleared))
    moved: dict[str, Any] = {
        "citations": citations,
        "cleared": list(rows_with(Citation, cleared).values_list("pk", "reprint_of")),
        "reprints": reprints,
        "aliases": ids_of(loser.aliases.all()),
        "articles": ids_of(loser.articles.all()),
        "merged": ids_of(loser.merged.all()),
        "folded": folded,
    }
    claims, changed = folded_claim_ids(folded), [*citations, *reprints, *cleared]
    with suspended_triggers(claims, changed, loser, winner):
        rows_with(Citation, cleared).update(reprint_of=None)
        rows_with(Citation, citations).update(outlet=winner)
        rows_with(Citation, reprints).update(reprint_of=winner)
        rows_with(OutletAlias, moved["aliases"]).update(outlet=winner)
    record_versions(Citation, set(changed), reason=reason, by=by)
    update(Article, moved["articles"], reason=reason, by=by, publisher=winner)
    merge = _finish(MergeKind.OUTLET, loser, winner, moved, by)
    record_recount(claims, changed, reason=f"“{loser}” was merged into “{winner}”.", by=by)
    return merge


@transaction.atomic
def merge_claimants(*, loser: Claimant, winner: Claimant, by: User) -> Merge:
    """Give all claims of `loser` to `winner`; the loser's row stays."""
    require_permission(by, "change_claimant", "delete_claimant")
    loser, winner = _lock(loser, winner)
    reason = f"claimant merged into {winner.slug}"
    moved = {
        "claims": ids_of(loser.claims.all()),
        "outlets": ids_of(loser.own_outlets.all()),
        "merged": ids_of(loser.merged.all()),
    }
    update(Claim, moved["claims"], reason=reason, by=by, claimant=winner)
    update(Outlet, moved["outlets"], reason=reason, by=by, speaks_for=winner)
    return _finish(MergeKind.CLAIMANT, loser, winner, moved, by)


@transaction.atomic
def undo_merge(*, merge: Merge, by: User) -> None:
    """Undo a merge: what it moved, and nobody has moved since, goes back."""
    require_permission(by, f"change_{merge.kind}", f"delete_{merge.kind}")
    lock_claims(exclusive=True)
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
    record_versions(Citation, set(changed), reason=reason, by=by)
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


def _lock(loser: Any, winner: Any) -> tuple[Any, Any]:
    """Return both records as stored, locked; ValidationError if they cannot be merged."""
    lock_claims(exclusive=True)
    rows = type(loser).objects.select_for_update().in_bulk([loser.pk, winner.pk])
    _check(rows.get(loser.pk, loser), rows.get(winner.pk, winner))
    return rows[loser.pk], rows[winner.pk]


def _check(loser: Any, winner: Any) -> None:
    if loser.pk == winner.pk:
        raise ValidationError(_("Choose two different rows to merge."))
    if loser.merged_into_id or winner.merged_into_id:
        raise ValidationError(_("One of them was merged already."))


def _finish(kind: MergeKind, loser: Any, winner: Any, moved: dict[str, Any], by: User) -> Merge:
    """Redirect the loser, and rows merged into it before, to the winner; store the merge."""
    loser.merged.update(merged_into=winner)
    loser.merged_into = winner
    save_as(loser, reason=f"merged into {winner.slug}", by=by)
    # The names may be in many search documents: the editor who merges waits for them, no reader.
    transaction.on_commit(search.drain, robust=True)
    return Merge.objects.create(
        kind=kind,
        loser_id=loser.pk,
        winner_id=winner.pk,
        loser=str(loser),
        winner=str(winner),
        merged_by=by,
        moved=moved,
    )
