"""Citations that a merge of outlets makes the same: two become one, and one becomes two again."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from factcheck.db import bulk_sql
from factcheck.editing.attribution import delete_as, save_as
from factcheck.models import Citation, Claim, Outlet

# The columns that the remaining citation takes from the deleted one where it is empty itself.
_FILLED = ("quote", "title", "archived_url", "note", "date_end")
_MAX_AS_CITED = 500


def duplicates_of(loser: Outlet, winner: Outlet) -> list[tuple[Citation, Citation]]:
    """Return each citation of the loser that a merge makes the same as one of the winner, with it.

    Raise a ValidationError if the two take different stances.
    """
    of_winner = winner.citations.filter(
        claim__in=loser.citations.order_by().values("claim")
    ).select_related("claim")
    by_key = {_key(citation): citation for citation in of_winner}
    if not by_key:
        return []
    shared_claims = {citation.claim_id for citation in by_key.values()}
    of_loser = loser.citations.filter(claim__in=bulk_sql.in_values(shared_claims))
    pairs = [
        (citation, by_key[_key(citation)]) for citation in of_loser if _key(citation) in by_key
    ]
    for citation, twin in pairs:
        if citation.stance != twin.stance:
            raise _contradiction(citation, twin)
    return pairs


def _contradiction(citation: Citation, twin: Citation) -> ValidationError:
    return ValidationError(
        _(
            "“%(claim)s”: one of them %(one)s it and the other %(other)s it in a report of"
            " the same day and link. Change or delete one of these citations first."
        )
        % {
            "claim": twin.claim,
            "one": citation.get_stance_display().lower(),
            "other": twin.get_stance_display().lower(),
        }
    )


def _key(citation: Citation) -> tuple[Any, ...]:
    return citation.claim_id, citation.date_text, citation.url


def fold(citation: Citation, into: Citation, *, by: User, reason: str) -> dict[str, Any]:
    """Make two citations one, with the printed words of both; return what `unfold` needs."""
    row = {f.attname: getattr(citation, f.attname) for f in Citation._meta.concrete_fields}
    before = {name: getattr(into, name) for name in ("as_cited", *_FILLED)}
    texts = dict.fromkeys(filter(None, [into.as_cited, citation.as_cited]))
    into.as_cited = "; ".join(texts)[:_MAX_AS_CITED]
    for name in _FILLED:
        setattr(into, name, getattr(into, name) or getattr(citation, name))
    after = {name: getattr(into, name) for name in before}
    save_as(into, reason="folded with the same citation of a merged outlet", by=by)
    delete_as(citation, reason=reason, by=by)
    changed = {name: after[name] for name in before if after[name] != before[name]}
    return {
        "row": _as_json(row),
        "into": into.pk,
        "before": _as_json({name: before[name] for name in changed}),
        "after": _as_json(changed),
    }


def unfold(folded: dict[str, Any], *, by: User, reason: str) -> None:
    """Restore a folded citation, unless its place was taken since."""
    into = Citation.objects.filter(pk=folded["into"]).first()
    if into:
        _restore_columns(into, folded)
        save_as(into, reason=reason, by=by)
    row = dict(folded["row"])
    source = Outlet.objects.filter(pk=row["reprint_of_id"]).first()
    row["reprint_of_id"] = source and (source.merged_into_id or source.pk)
    if row["reprint_of_id"] == row["outlet_id"]:
        row["reprint_of_id"] = None
    key = {name: row[name] for name in ("claim_id", "outlet_id", "date_text", "url")}
    is_taken = Citation.objects.filter(Q(pk=row["id"]) | Q(**key)).exists()
    if Claim.objects.filter(pk=row["claim_id"]).exists() and not is_taken:
        save_as(Citation(**row), reason=reason, by=by)


def _restore_columns(into: Citation, folded: dict[str, Any]) -> None:
    """Take back what folding wrote into the remaining citation, as far as it is still there."""
    added = folded["row"]["as_cited"]
    for name, value in folded["after"].items():
        if name == "as_cited" and into.as_cited != value:
            # Another merge has added to it since: only this one's part goes.
            parts = [part for part in into.as_cited.split("; ") if part != added]
            into.as_cited = "; ".join(parts) or into.as_cited
        elif str(getattr(into, name)) == str(value):
            setattr(into, name, folded["before"][name])


def folded_claim_ids(folded: Iterable[dict[str, Any]]) -> set[int]:
    """Return the ids of the claims of which citations were folded."""
    return {citation["row"]["claim_id"] for citation in folded}


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
