"""The differences of two contents of a claim, in words for readers."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from factcheck.models import Claim, Role, Stage, Stance
from factcheck.public_record.contents import (
    SCALAR_FIELDS,
    Content,
    Slugs,
    citation_meaning,
    citations_in,
    current_slug,
)


class Difference(NamedTuple):
    """A part of a claim before and after a change; empty where it did not exist."""

    label: str
    before: str
    after: str


def differences(before: Content, after: Content, merged: Slugs) -> list[Difference]:
    """Return the differences of two contents: fields, claimant, citations, then counts."""
    return [
        *_of_fields(before, after),
        *_of_claimant(before, after, merged),
        *_of_citations(before, after, merged),
        *_of_counts(before.get("counts", {}), after.get("counts", {})),
    ]


def _of_fields(before: Content, after: Content) -> Iterator[Difference]:
    labels = {f.name: str(f.verbose_name) for f in Claim._meta.concrete_fields}
    for name in SCALAR_FIELDS:
        old, new = before.get(name) or "", after.get(name) or ""
        if old != new:
            yield Difference(labels[name], _printed(name, old), _printed(name, new))


def _printed(name: str, value: Any) -> str:
    if name == "stage" and value:
        return str(Stage(value).label)
    if name == "is_quotation":
        return _("yes") if value else _("no")
    return str(value)


def _of_claimant(before: Content, after: Content, merged: Slugs) -> Iterator[Difference]:
    old, new = before.get("claimant"), after.get("claimant")
    if current_slug("claimant", old, merged) != current_slug("claimant", new, merged):
        label = str(Claim._meta.get_field("claimant").verbose_name)
        yield Difference(label, old["name"] if old else "", new["name"] if new else "")


def _of_citations(before: Content, after: Content, merged: Slugs) -> Iterator[Difference]:
    old_citations = {citation["ref"]: citation for citation in citations_in(before)}
    new_citations = {citation["ref"]: citation for citation in citations_in(after)}
    for ref in dict.fromkeys([*old_citations, *new_citations]):
        old, new = old_citations.get(ref), new_citations.get(ref)
        if old and new and citation_meaning(old, merged) == citation_meaning(new, merged):
            continue
        yield Difference(_("citation"), _citation_in_words(old), _citation_in_words(new))


def _citation_in_words(citation: Content | None) -> str:
    if citation is None:
        return ""
    days = "–".join(filter(None, (citation.get("date"), citation.get("date_end"))))
    stance, role = citation.get("stance"), citation.get("role")
    source = citation.get("reprint_of")
    parts = (
        citation["outlet"]["name"],
        days,
        str(Stance(stance).label) if stance else "",
        str(Role(role).label) if role else "",
        _("reprint of %(outlet)s") % {"outlet": source["name"]} if source else "",
        citation.get("url", ""),
        citation.get("quote", ""),
    )
    return ", ".join(filter(None, parts))


def count_labels() -> dict[str, str]:
    """Return the labels of the counts, by their names in a content."""
    return {
        "citations": _("citations"),
        "outlets": _("outlets"),
        "independent": _("independent sources"),
    }


def _of_counts(before: Content, after: Content) -> Iterator[Difference]:
    for name, label in count_labels().items():
        if before and before.get(name) != after.get(name):
            yield Difference(label, str(before.get(name, 0)), str(after.get(name, 0)))
