"""Writes other publishers' fact-checks: claims, who said them, where, and what was found.

A record is known by its address. One that is there and says the same changes nothing; one that says
something else adds a verification, and nothing is overwritten. Rows go in by the bulk loader.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import reset_queries, transaction
from django.utils import timezone

from factcheck import search, sql
from factcheck.ingest.bulk import Loader
from factcheck.ingest.fixtures import FixtureError, FixtureObject
from factcheck.ingest.outlets import KnownNames
from factcheck.ingest.reviews import Review
from factcheck.models import (
    Claim,
    Claimant,
    Outlet,
    RatingLabel,
    Stage,
    Status,
    Verification,
)
from factcheck.models.claimants import ClaimantKind
from factcheck.models.outlets import OutletKind
from factcheck.models.ratings import rating_key
from factcheck.models.turns import take_turn
from factcheck.text import name_key, site, slugify

_MOST_REF, _MOST_DOMAIN = 500, 200
# Outlets and claimants that are remembered; more are looked up again.
_MOST_KNOWN = 50_000


@dataclass
class Report:
    """What an import has done."""

    created: int = 0
    unchanged: int = 0
    superseded: int = 0
    refused: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.created + self.unchanged + self.superseded + self.refused


@dataclass
class _Rows:
    """The rows of one batch, in the order in which they refer to each other."""

    outlets: list[dict[str, Any]] = field(default_factory=list)
    claimants: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    verifications: list[dict[str, Any]] = field(default_factory=list)

    def objects(self) -> Iterator[FixtureObject]:
        for name in ("outlet", "claimant", "claim", "citation", "verification"):
            for number, fields in enumerate(getattr(self, f"{name}s"), 1):
                yield FixtureObject(number, f"factcheck.{name}", None, fields)


class Ready(NamedTuple):
    """A review, and what can be said of it before the database is asked."""

    review: Review
    # What it is known by, and what its claim would be called.
    ref: str
    slug: str
    # Whose its address is, and those of its appearances, as an outlet's domain says it.
    place: str
    places: tuple[str, ...]
    words: search.Words


def ready(review: Review) -> Ready:
    """Return a review with all that takes long and needs no database."""
    ref = review.url if len(review.url) <= _MOST_REF else f"sha256:{_digest(review.url)}"
    return Ready(
        review,
        ref,
        f"{slugify(review.text)[:80]}-{_digest(ref)[:10]}".lstrip("-"),
        _place(review.url),
        tuple([_place(appearance.url) for appearance in review.appearances]),
        search.words_of(review.text),
    )


class _Now(NamedTuple):
    """The moment of a batch and its day, as rows hold them."""

    moment: str
    day: str

    @classmethod
    def read(cls) -> "_Now":
        now = timezone.now()
        return cls(now.isoformat(), timezone.localdate(now).isoformat())


class ReviewImport:
    """One import of one or more files."""

    def __init__(self, *, stage: str = Stage.PUBLISHED, is_alone: bool = False) -> None:
        self.stage = stage
        self.loader = Loader(is_alone=is_alone)
        self.report = Report()
        self.labels = dict(RatingLabel.objects.values_list("key", "status"))
        self.outlets: dict[str, str] = {}
        self.claimants: dict[str, str] = {}

    def write(self, path: Path, batch: Sequence[Ready]) -> Iterator[tuple[int, str]]:
        """Write a batch; yield place in it and reason of each that the database refused."""
        for turn in _turns(batch):
            try:
                self._write(path, [one for _place, one in turn])
            except FixtureError:
                # One of them is bad: each alone, so that the others are kept.
                for place, one in turn:
                    try:
                        self._write(path, [one])
                    except FixtureError as error:
                        yield place, str(error)

    def finish(self) -> None:
        self.loader.finish()

    def _write(self, path: Path, turn: Sequence[Ready]) -> None:
        before = self._forget_some()
        self.loader.words = {one.review.text: one.words for one in turn}
        self.loader.expected.clear()
        try:
            with transaction.atomic():
                self._write_turn(path, turn)
        except Exception:
            self.report, self.outlets, self.claimants = before
            raise
        finally:
            # What a batch has written no later one refers to, and with DEBUG on Django would keep
            # every statement with all that it was given: both would grow with the file.
            self.loader.references.known.clear()
            reset_queries()

    def _forget_some(self) -> tuple[Report, dict[str, str], dict[str, str]]:
        """Keep what is remembered small; return it as it is, to be put back after an error."""
        for known in (self.outlets, self.claimants):
            if len(known) > _MOST_KNOWN:
                known.clear()
        report = replace(self.report, unknown=self.report.unknown.copy())
        return report, self.outlets.copy(), self.claimants.copy()

    def _write_turn(self, path: Path, turn: Sequence[Ready]) -> None:
        # Alone: the log's numbers are given out here, and claims are locked after it.
        take_turn(alone=True)
        rows = _Rows()
        # Said twice: the index holds none that are empty.
        imported = Claim.objects.exclude(import_ref="").order_by()
        same = imported.filter(import_ref__in=sql.within(one.ref for one in turn))
        there = dict(same.values_list("import_ref", "slug"))
        latest = _latest(there.values()) if there else {}
        self._know_outlets(turn, rows)
        self._know_claimants(turn, rows)
        number, now = Verification.objects.all().next_number(), _Now.read()
        for one in turn:
            review, slug = one.review, there.get(one.ref)
            previous = latest.get((slug, review.url)) if slug else None
            if slug is None:
                slug = one.slug
                self._claim(one, rows, now)
                self.report.created += 1
            elif previous and _says(previous) == _says(review, previous.reviewed_on):
                self.report.unchanged += 1
                continue
            else:
                self.report.superseded += 1
            finding = self._finding(slug, one, previous, number, now)
            rows.verifications.append(finding)
            if one.ref not in there:
                self.loader.expected[slug] = self._derived(one, finding["status"])
            number += 1
        self.loader.write(path, list(rows.objects()))

    def _claim(self, one: Ready, rows: _Rows, now: _Now) -> None:
        review = one.review
        claimant = name_key(review.claimant)
        rows.claims.append(
            {
                "slug": one.slug,
                "text": review.text,
                "language": review.language or "und",
                "claimant": [self.claimants[claimant]] if claimant else None,
                "claimed_on": review.claimed_on or None,
                "stage": self.stage,
                "published_at": now.moment if self.stage == Stage.PUBLISHED else None,
                "updated_at": now.moment,
                "import_ref": one.ref,
            }
        )
        for position, (appearance, place) in enumerate(
            zip(review.appearances, one.places, strict=True)
        ):
            rows.citations.append(
                {
                    "ref": f"import-{_digest(one.ref, appearance.url)[:24]}",
                    "claim": [one.slug],
                    "outlet": [self.outlets[place]],
                    "date_text": appearance.published_on,
                    "published_on": appearance.published_on or None,
                    "url": appearance.url,
                    "title": appearance.title,
                    "position": position,
                }
            )

    def _derived(self, one: Ready, status: str) -> dict[str, Any]:
        """Return a new claim's derived columns, if no two of its outlets are one family."""
        outlets = len({self.outlets[place] for place in one.places})
        counts = dict.fromkeys(("outlet_count", "independent_count"), outlets)
        return {"status": status, "citation_count": len(one.places), **counts}

    def _finding(
        self, slug: str, one: Ready, previous: Any, number: int, now: _Now
    ) -> dict[str, Any]:
        review = one.review
        status = self.labels.get(rating_key(review.label), "")
        if not status:
            self.report.unknown[review.label] += 1
        said = "\n".join(_says(review, None))
        return {
            "ref": f"import-{_digest(review.url, said, previous.ref if previous else '')[:24]}",
            "number": number,
            "claim": [slug],
            "statement": review.text,
            "status": status or Status.UNVERIFIED,
            "label": review.label,
            "reason": review.reason,
            "publisher": [self.outlets[one.place]],
            "url": review.url,
            "reviewed_on": review.reviewed_on or now.day,
            "created_at": now.moment,
        }

    def _know_outlets(self, turn: Sequence[Ready], rows: _Rows) -> None:
        """Find the outlets of all addresses; make rows of those that are not known."""
        names: dict[str, tuple[str, str]] = {}
        for one in turn:
            names.setdefault(one.place, (one.review.publisher, OutletKind.FACT_CHECKER))
            for place in one.places:
                names.setdefault(place, ("", OutletKind.OTHER))
        new = {place: said for place, said in names.items() if place not in self.outlets}
        addresses = {place: f"https://{place}/" for place in new}
        known = KnownNames.load() if new else KnownNames()
        known.prepare(addresses.values())
        unknown = []
        for place, (name, kind) in new.items():
            if outlet := known.find(addresses[place]):
                self.outlets[place] = outlet.slug
            else:
                unknown.append(Outlet(name=name or place, domain=place, kind=kind))
        Outlet.objects.all().give_slugs(unknown)
        for outlet in unknown:
            self.outlets[outlet.domain] = outlet.slug
            rows.outlets.append(
                {
                    "slug": outlet.slug,
                    "name": outlet.name[:200],
                    "domain": outlet.domain,
                    "kind": outlet.kind,
                    "is_confirmed": False,
                }
            )

    def _know_claimants(self, turn: Sequence[Ready], rows: _Rows) -> None:
        said = {name_key(one.review.claimant): one.review for one in turn}
        new = {key: review for key, review in said.items() if key and key not in self.claimants}
        names = [review.claimant for review in new.values()]
        for name, slug in (
            Claimant.objects.listed().filter(name__in=names).values_list("name", "slug")
        ):
            self.claimants[name_key(name)] = slug
        unknown = [
            Claimant(
                name=review.claimant,
                kind=ClaimantKind.ORGANISATION if review.is_organisation else ClaimantKind.PERSON,
                role=review.claimant_role,
                same_as=review.same_as[:500],
            )
            for key, review in new.items()
            if key not in self.claimants
        ]
        Claimant.objects.all().give_slugs(unknown)
        for claimant in unknown:
            self.claimants[name_key(claimant.name)] = claimant.slug
            names_of = ("slug", "name", "kind", "role", "same_as")
            rows.claimants.append({name: str(getattr(claimant, name)) for name in names_of})


def _turns(batch: Sequence[Ready]) -> Iterator[list[tuple[int, Ready]]]:
    """Yield what is ready with its places; a review that comes twice stands in two turns."""
    turn: list[tuple[int, Ready]] = []
    seen: set[str] = set()
    for place, one in enumerate(batch):
        if one.ref in seen:
            yield turn
            turn, seen = [], set()
        turn.append((place, one))
        seen.add(one.ref)
    if turn:
        yield turn


@lru_cache(10_000)
def _place(url: str) -> str:
    """Return whose an address is, as an outlet's domain says it."""
    return str(site(url)).lower()[:_MOST_DOMAIN]


def _latest(slugs: Iterable[str]) -> dict[tuple[str, str], Verification]:
    """Return the last finding that each claim has from each address."""
    entries = (
        Verification.objects.filter(claim__slug__in=sql.within(slugs), kind="finding")
        .exclude(url="")
        .select_related("claim")
        .only("ref", "url", "label", "reason", "statement", "reviewed_on", "claim__slug")
        .order_by("number")
    )
    return {(entry.claim.slug, entry.url): entry for entry in entries}


def _says(of: Any, unknown: date | None = None) -> tuple[str, ...]:
    """Return what makes two findings of one address the same; `unknown` for a day not given."""
    text = of.statement if isinstance(of, Verification) else of.text
    day = of.reviewed_on or (unknown or "")
    return (text, of.label, of.reason, str(day))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
