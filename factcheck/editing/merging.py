"""Merging outlets and claimants, marking reprints, and the way back.

A merge moves many rows in a few statements while the triggers rest, and then does once for all
claims what these would have done for each row, so that counts are right when it is committed.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import change_log, public_record, search, sql, triggers
from factcheck.bulk_history import remember
from factcheck.db.claim_lock import take_turn
from factcheck.editing.permissions import need
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
    VerificationKind,
)
from factcheck.triggers.derived import COUNTS


@dataclass(frozen=True)
class Preview:
    """What a merge would move: how many rows of which kind, and the citations it would fold."""

    counts: dict[str, int]
    folded: Sequence[Citation]


def preview(*, loser: Any, winner: Any) -> Preview:
    """Return what merging would do; ValidationError where it cannot be done."""
    _check(loser, winner)
    if isinstance(loser, Claimant):
        return Preview(
            {_("claims"): loser.claims.count(), _("outlets"): loser.own_outlets.count()}, []
        )
    folded = _twins(loser, winner)
    return Preview(
        {
            _("citations"): loser.citations.count() - len(folded),
            _("citations that become one with another"): len(folded),
            _("reprints of it"): loser.reprints.count(),
            _("names"): loser.aliases.count(),
            _("articles"): loser.articles.count(),
        },
        [one for one, _twin in folded[:20]],
    )


@transaction.atomic
def merge_outlets(*, loser: Outlet, winner: Outlet, by: User) -> Merge:
    """Make `loser` a name of `winner`. Nothing is deleted but citations that become the same.

    Those are kept in the merge, which `take_back` undoes.
    """
    need(by, "change_outlet", "delete_outlet")
    loser, winner = _locked(loser, winner)
    reason = f"outlet merged into {winner.slug}"
    twins = _twins(loser, winner)
    folded = [_fold(citation, twin, reason, by) for citation, twin in twins]
    citations = _ids(loser.citations.all())
    cleared = _ids(Citation.objects.filter(_reprints_between(loser, winner)))
    reprints = _ids(loser.reprints.exclude(pk__in=sql.within(cleared)))
    moved: dict[str, Any] = {
        "citations": citations,
        "cleared": list(_of(Citation, cleared).values_list("pk", "reprint_of")),
        "reprints": reprints,
        "aliases": _ids(loser.aliases.all()),
        "articles": _ids(loser.articles.all()),
        "merged": _ids(loser.merged.all()),
        "folded": folded,
    }
    with _at_once(_claims_of(folded), citations + reprints + cleared, loser, winner):
        _of(Citation, cleared).update(reprint_of=None)
        _of(Citation, citations).update(outlet=winner)
        _of(Citation, reprints).update(reprint_of=winner)
        _of(OutletAlias, moved["aliases"]).update(outlet=winner)
    remember(Citation, {*citations, *reprints, *cleared}, reason=reason, by=by)
    _update(Article, moved["articles"], reason, by, publisher=winner)
    loser.merged.update(merged_into=winner)
    merge = _finish(MergeKind.OUTLET, loser, winner, moved, by)
    told = f"“{loser}” was merged into “{winner}”."
    _record(_claims_of(folded), citations + reprints + cleared, told, by)
    return merge


@transaction.atomic
def merge_claimants(*, loser: Claimant, winner: Claimant, by: User) -> Merge:
    """Give all claims of `loser` to `winner`; the loser keeps its row."""
    need(by, "change_claimant", "delete_claimant")
    loser, winner = _locked(loser, winner)
    reason = f"claimant merged into {winner.slug}"
    moved = {
        "claims": _ids(loser.claims.order_by()),
        "outlets": _ids(loser.own_outlets.all()),
        "merged": _ids(loser.merged.all()),
    }
    _update(Claim, moved["claims"], reason, by, claimant=winner)
    _update(Outlet, moved["outlets"], reason, by, speaks_for=winner)
    loser.merged.update(merged_into=winner)
    return _finish(MergeKind.CLAIMANT, loser, winner, moved, by)


@transaction.atomic
def take_back(*, merge: Merge, by: User) -> None:
    """Undo a merge: what it moved and still stands where it was put goes back."""
    need(by, f"change_{merge.kind}", f"delete_{merge.kind}")
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
    _save(loser, reason, by)
    merged = model.objects.filter(pk__in=merge.moved["merged"], merged_into=winner)
    merged.update(merged_into=loser)
    give_back = _outlet_back if model is Outlet else _claimant_back
    give_back(loser, winner, merge.moved, reason, by)
    merge.undone_by, merge.undone_at = by, timezone.now()
    merge.save()
    moved = [pk for name in ("citations", "reprints") for pk in merge.moved.get(name, ())]
    moved += [pk for pk, _source in merge.moved.get("cleared", ())]
    told = f"The merge of “{loser}” into “{winner}” was undone."
    _record(_claims_of(merge.moved.get("folded", ())), moved, told, by)
    transaction.on_commit(search.drain, robust=True)


@transaction.atomic
def mark_reprints(*, citations: Iterable[Citation], source: Outlet | None, by: User) -> int:
    """Mark citations as reprints of `source` (None: as reports of their own); return how many.

    Those of the source itself stay as they are.
    """
    need(by, "change_citation")
    take_turn()
    if source and source.merged_into_id:
        raise ValidationError(_("%(outlet)s was merged into another.") % {"outlet": source})
    rows = Citation.objects.filter(pk__in=[citation.pk for citation in citations])
    if rows.filter(claim__stage__in=["published", "retracted"]).exists():
        need(by, "publish_claim")
    role = Role.REPRINT if source else Role.REPORTING
    marked = _ids(
        rows.exclude(outlet=source).exclude(reprint_of=source, role=role)
        if source
        else rows.filter(Q(role=Role.REPRINT) | Q(reprint_of__isnull=False))
    )
    reason = f"marked as a reprint of {source.slug}" if source else "marked as its own report"
    _update(Citation, marked, reason, by, reprint_of=source, role=role)
    claims = set(_of(Citation, marked).order_by().values_list("claim", flat=True))
    Claim.objects.filter(pk__in=sql.within(claims)).note_change()
    public_record.record_changes(claims, reason=reason, by=by)
    return len(marked)


def _record(claims: set[int], citations: list[int], reason: str, by: User) -> None:
    """Record what a merge has moved of public claims: those of `citations`, and `claims`."""
    cited = _of(Citation, citations).order_by().values_list("claim", flat=True)
    touched = sorted(claims.union(cited))
    kind = VerificationKind.RECOUNT
    public_record.record_changes(touched, reason=reason, by=by, kind=kind)


def _outlet_back(
    loser: Outlet, winner: Outlet, moved: dict[str, Any], reason: str, by: User
) -> None:
    citations = _ids(_of(Citation, moved["citations"]).filter(outlet=winner))
    reprints = _ids(_of(Citation, moved["reprints"]).filter(reprint_of=winner))
    cleared = dict(moved["cleared"])
    still = _ids(
        _of(Citation, cleared)
        .filter(reprint_of=None, outlet__in=[loser, winner])
        .exclude(role=Role.REPORTING)
    )
    with _at_once(_claims_of(moved["folded"]), citations + reprints + still, loser, winner):
        _of(Citation, citations).update(outlet=loser)
        _of(Citation, reprints).exclude(outlet=loser).update(reprint_of=loser)
        for source in (loser, winner):
            ids = [one for one in still if cleared[one] == source.pk]
            _of(Citation, ids).exclude(outlet=source).update(reprint_of=source)
        _of(OutletAlias, moved["aliases"]).filter(outlet=winner).update(outlet=loser)
    remember(Citation, {*citations, *reprints, *still}, reason=reason, by=by)
    # After the others are back in their places.
    for one in moved["folded"]:
        _unfold(one, reason, by)
    _update(
        Article, _ids(_of(Article, moved["articles"]).filter(publisher=winner)), reason, by,
        publisher=loser,
    )  # fmt: skip


def _claimant_back(
    loser: Claimant, winner: Claimant, moved: dict[str, Any], reason: str, by: User
) -> None:
    claims = _ids(_of(Claim, moved["claims"]).filter(claimant=winner))
    outlets = _ids(_of(Outlet, moved["outlets"]).filter(speaks_for=winner))
    _update(Claim, claims, reason, by, claimant=loser)
    _update(Outlet, outlets, reason, by, speaks_for=loser)


@contextmanager
def _at_once(claims: set[int], citations: list[int], *outlets: Outlet) -> Iterator[None]:
    """Move citations and names of `outlets` while the triggers rest, and do their work once.

    That is: the counts of `claims` and of those that the citations are of, and the words of all
    that cite the outlets, whose names have changed.
    """
    with triggers.resting():
        yield
        cited = _of(Citation, citations).order_by().values_list("claim", flat=True)
        touched = sorted(claims.union(cited))
        triggers.recompute(touched, COUNTS)
        named = Citation.objects.filter(outlet__in=outlets).order_by().values_list("claim")
        sql.insert("factcheck_search_pending", ["claim_id"], list(named.distinct()))
        change_log.record(touched, others=True)


def _twins(loser: Outlet, winner: Outlet) -> list[tuple[Citation, Citation]]:
    """Return the loser's citations that would become the same as one of the winner's."""
    theirs = winner.citations.filter(
        claim__in=loser.citations.order_by().values("claim")
    ).select_related("claim")
    known = {_key(citation): citation for citation in theirs}
    ours = loser.citations.filter(claim__in=sql.within({twin.claim_id for twin in known.values()}))
    found = [(one, known[_key(one)]) for one in ours if _key(one) in known] if known else []
    for one, twin in found:
        if one.stance != twin.stance:
            raise ValidationError(
                _(
                    "“%(claim)s”: one of them %(one)s it and the other %(other)s it in a report of"
                    " the same day and link. Change or delete one of these citations first."
                )
                % {
                    "claim": twin.claim,
                    "one": one.get_stance_display().lower(),
                    "other": twin.get_stance_display().lower(),
                }
            )
    return found


def _key(citation: Citation) -> tuple[Any, ...]:
    return citation.claim_id, citation.date_text, citation.url


def _fold(citation: Citation, into: Citation, reason: str, by: User) -> dict[str, Any]:
    """Make one citation of two, both raw texts kept; return what `_unfold` needs."""
    kept = {f.attname: getattr(citation, f.attname) for f in Citation._meta.concrete_fields}
    before = {name: getattr(into, name) for name in ("as_cited", *_FILLED)}
    texts = dict.fromkeys(filter(None, [into.as_cited, citation.as_cited]))
    into.as_cited = "; ".join(texts)[:500]
    for name in _FILLED:
        setattr(into, name, getattr(into, name) or getattr(citation, name))
    after = {name: getattr(into, name) for name in before}
    _save(into, "folded with the same citation of a merged outlet", by)
    citation._change_reason = reason  # type: ignore[attr-defined]
    citation._history_user = by  # type: ignore[attr-defined]
    citation.delete()
    changed = {name: after[name] for name in before if after[name] != before[name]}
    return {
        "row": _plain(kept),
        "into": into.pk,
        "before": _plain({name: before[name] for name in changed}),
        "after": _plain(changed),
    }


# What a citation that stays takes from the one that goes, where it has nothing itself.
_FILLED = ("quote", "title", "archived_url", "note", "date_end")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _claims_of(folded: Iterable[dict[str, Any]]) -> set[int]:
    return {one["row"]["claim_id"] for one in folded}


def _unfold(one: dict[str, Any], reason: str, by: User) -> None:
    """Bring a folded citation back, unless its place was taken since."""
    row, added = dict(one["row"]), one["row"]["as_cited"]
    into = Citation.objects.filter(pk=one["into"]).first()
    if into:
        for name, value in one["after"].items():
            if name == "as_cited" and getattr(into, name) != value:
                # Another merge has added to it since: this one's part alone goes.
                parts = [part for part in into.as_cited.split("; ") if part != added]
                into.as_cited = "; ".join(parts) or into.as_cited
            elif str(getattr(into, name)) == str(value):
                setattr(into, name, one["before"][name])
        _save(into, reason, by)
    source = Outlet.objects.filter(pk=row["reprint_of_id"]).first()
    row["reprint_of_id"] = source and (source.merged_into_id or source.pk)
    if row["reprint_of_id"] == row["outlet_id"]:
        row["reprint_of_id"] = None
    taken = Citation.objects.filter(
        Q(pk=row["id"])
        | Q(claim=row["claim_id"], outlet=row["outlet_id"], date_text=row["date_text"],
            url=row["url"])
    )  # fmt: skip
    if Claim.objects.filter(pk=row["claim_id"]).exists() and not taken.exists():
        _save(Citation(**row), reason, by)


def _reprints_between(loser: Outlet, winner: Outlet) -> Q:
    """Return which citations would be reprints of themselves once the two are one."""
    return Q(outlet=loser, reprint_of=winner) | Q(outlet=winner, reprint_of=loser)


def _locked(loser: Any, winner: Any) -> tuple[Any, Any]:
    take_turn(alone=True)
    rows = type(loser).objects.select_for_update().in_bulk([loser.pk, winner.pk])
    _check(rows.get(loser.pk, loser), rows.get(winner.pk, winner))
    return rows[loser.pk], rows[winner.pk]


def _check(loser: Any, winner: Any) -> None:
    if loser.pk == winner.pk:
        raise ValidationError(_("Choose two different rows to merge."))
    if loser.merged_into_id or winner.merged_into_id:
        raise ValidationError(_("One of them was merged already."))


def _finish(kind: MergeKind, loser: Any, winner: Any, moved: dict[str, Any], by: User) -> Merge:
    loser.merged_into = winner
    _save(loser, f"merged into {winner.slug}", by)
    # Many documents may hold the names: the editor who merged waits for them, no reader.
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


def _ids(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _of(model: Any, ids: Iterable[int]) -> Any:
    return model.objects.filter(pk__in=sql.within(ids))


def _update(model: Any, ids: list[int], reason: str, by: User, **values: Any) -> None:
    """Write values into rows, triggers awake, and remember the rows."""
    _of(model, ids).update(**values)
    remember(model, ids, reason=reason, by=by)


def _save(row: Model, reason: str, by: User) -> None:
    row._change_reason = reason  # type: ignore[attr-defined]
    row._history_user = by  # type: ignore[attr-defined]
    row.save()
