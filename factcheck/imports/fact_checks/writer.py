"""Writes other publishers' fact-checks: claims, who said them, where, and what was found.

A record is known by its address; of several claims that one address is about, all but the first
also by their words. One that is there and says the same changes nothing; one that says something
else adds a verification, and nothing is overwritten. Rows go in by the bulk loader.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from django.db import reset_queries, transaction
from django.utils import timezone

from factcheck import sql
from factcheck.db.claim_lock import lock_claims
from factcheck.failures import failure_of
from factcheck.imports import batches
from factcheck.imports.bulk.fixture_reader import FixtureError, FixtureObject
from factcheck.imports.bulk.loader import REFUSED, Loader
from factcheck.imports.bulk.table import said as words_of
from factcheck.imports.fact_checks.known_findings import (
    Findings,
    findings_of,
    is_known,
    is_newest,
    may_be_older,
    reviewed_on,
)
from factcheck.imports.fact_checks.prepared import Ready, digest, said
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import (
    Claim,
    Claimant,
    ImportBatch,
    Outlet,
    RatingLabel,
    Stage,
    Status,
    Verification,
)
from factcheck.models.claimants import ClaimantKind
from factcheck.models.fields import moment
from factcheck.models.outlets import OutletKind
from factcheck.models.ratings import rating_key

# Outlets and claimants that are remembered; more are looked up again.
_MOST_KNOWN = 50_000
# Addresses that are remembered: what one of them is about stands together in most files.
_MOST_MET = 10_000
# Texts that are told of in a report; more are counted together.
_MOST_COUNTED = 10_000


@dataclass
class Report:
    """What an import has done."""

    created: int = 0
    unchanged: int = 0
    superseded: int = 0
    refused: int = 0
    # Ratings that the table of ratings does not have; days and addresses that cannot be read.
    unknown: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    # None of a dry run, and of a file that holds no record.
    batch: ImportBatch | None = None

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


class _Now(NamedTuple):
    """The moment of a batch and its day, as rows hold them."""

    moment: str
    day: str

    @classmethod
    def read(cls) -> "_Now":
        now = moment()
        return cls(now.isoformat(), timezone.localdate(now).isoformat())


class ReviewImport:
    """One import of one or more files."""

    def __init__(self, *, stage: str = Stage.DRAFT, is_alone: bool = False) -> None:
        self.stage = stage
        self.loader = Loader(is_alone=is_alone)
        self.report = Report()
        self.labels = dict(RatingLabel.objects.values_list("key", "status"))
        self.outlets: dict[str, str] = {}
        self.claimants: dict[str, str] = {}
        # Addresses whose first claim has been met; in this batch, what those that come twice say.
        self.met: set[str] = set()
        self.beside: dict[str, set[str]] = {}
        # Whose newest words of several have been met; older ones that may have come back, by what
        # they are known by: they have if the newest are not met until the end.
        self.newest: set[str] = set()
        self.doubts: dict[str, Ready] = {}
        self.is_end = False

    def write(self, path: Path, batch: Sequence[Ready]) -> Iterator[tuple[int, str]]:
        """Write a batch; yield place in it and reason of each that the database refused."""
        times = Counter(one.ref for one in batch)
        self.beside = defaultdict(set)
        for one in batch:
            if times[one.ref] > 1:
                self.beside[one.ref].add(one.said)
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

    def finish(self, path: Path) -> None:
        """Write what was left in doubt, and what the loader has left."""
        self.is_end, left, self.doubts = True, list(self.doubts.values()), {}
        for _place, why in self.write(path, left):
            raise FixtureError(why)
        self.loader.finish()

    def _write(self, path: Path, turn: Sequence[Ready]) -> None:
        before = self._forget_some()
        self.loader.words = {one.review.text: one.words for one in turn}
        self.loader.expected.clear()
        try:
            with transaction.atomic():
                self._write_turn(path, turn)
        except Exception as error:
            self.report, self.outlets, self.claimants, self.met, self.newest, self.doubts = before
            if isinstance(error, REFUSED) and not failure_of(error):
                raise FixtureError(words_of(error)) from error
            raise
        finally:
            # What a batch has written no later one refers to, and with DEBUG on Django would keep
            # every statement with all that it was given: both would grow with the file.
            self.loader.references.known.clear()
            reset_queries()

    def _forget_some(self) -> tuple[Any, ...]:
        """Keep what is remembered small; return it as it is, to be put back after an error."""
        for known in (self.outlets, self.claimants):
            if len(known) > _MOST_KNOWN:
                known.clear()
        for met in (self.met, self.newest):
            if len(met) > _MOST_MET:
                met.clear()
        told = self.report
        report = replace(told, unknown=told.unknown.copy(), lost=told.lost.copy())
        kept = (self.outlets, self.claimants, self.met, self.newest, self.doubts)
        return report, *[known.copy() for known in kept]

    def _write_turn(self, path: Path, turn: Sequence[Ready]) -> None:
        # Alone: the log's numbers are given out here, and claims are locked after it.
        lock_claims(exclusive=True)
        rows = _Rows()
        there = _imported(one.ref for one in turn)
        # A second claim of an address is there only with the first.
        there |= _imported(one.own_ref for one in turn if one.ref in there)
        findings = findings_of(there.values()) if there else {}
        changed = []
        self._know_outlets(turn, rows)
        self._know_claimants(turn, rows)
        number, now = Verification.objects.all().next_number(), _Now.read()
        for one in turn:
            review = one.review
            if not self.is_end:
                _count(self.report.lost, review.lost)
            is_twice = one.ref in self.beside
            if there and self._is_another(one, there, findings):
                one = one.as_another()
            is_new = one.ref not in there
            slug = there.setdefault(one.ref, one.slug)
            past = findings.get((slug, review.url), [])
            previous = past[-1] if past else None
            if is_new:
                self._claim(one, rows, now)
                self.report.created += 1
            elif is_known(review, past, is_twice=is_twice):
                self.report.unchanged += 1
                if is_newest(review, past):
                    self._note_newest(one.ref)
                continue
            elif self._may_wait() and may_be_older(review, past):
                self._doubt(one)
                continue
            else:
                self.report.superseded += 1
                self._note_newest(one.ref)
                changed.append(slug)
            self.met.add(one.ref)
            finding = self._finding(slug, one, previous, number, now)
            rows.verifications.append(finding)
            if is_new:
                self.loader.expected[slug] = self._derived(one, finding["status"])
            number += 1
        self.loader.write(path, list(rows.objects()))
        if changed:
            Claim.objects.filter(slug__in=sql.within(changed)).touch()
        batches.note(self.report, self.loader.touched.new, changed)

    def _may_wait(self) -> bool:
        return not self.is_end and len(self.doubts) < _MOST_MET

    def _note_newest(self, ref: str) -> None:
        self.newest.add(ref)
        if self.doubts.pop(ref, None) is not None:
            self.report.unchanged += 1

    def _doubt(self, one: Ready) -> None:
        """Leave what may be an older version until it is known whether the file has the newest."""
        if one.ref in self.newest or one.ref in self.doubts:
            self.report.unchanged += 1
        if one.ref not in self.newest:
            self.doubts[one.ref] = one

    def _is_another(self, one: Ready, there: Mapping[str, str], findings: Findings) -> bool:
        """Return whether a record is about a second claim of its address, or a third.

        One with other words than before may be the same, reworded: not if the address tells of
        that one, too, in this batch or before it.
        """
        if one.own_ref in there:
            return True
        if one.ref not in there:
            return False
        past = findings.get((there[one.ref], one.review.url), [])
        stated = {said(entry.statement) for entry in past}
        if one.said in stated:
            self.met.add(one.ref)
            return False
        return one.ref in self.met or not stated.isdisjoint(self.beside.get(one.ref, ()))

    def _claim(self, one: Ready, rows: _Rows, now: _Now) -> None:
        review = one.review
        claimant = said(review.claimant)
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
                    "ref": f"import-{digest(one.ref, appearance.url)[:24]}",
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
        """Return derived columns of a new claim by `queries.independence`, all owners unknown."""
        outlets = len({self.outlets[place] for place in one.places})
        counts = dict.fromkeys(("outlet_count", "independent_count"), outlets)
        return {"status": status, "citation_count": len(one.places), **counts}

    def _finding(
        self, slug: str, one: Ready, previous: Any, number: int, now: _Now
    ) -> dict[str, Any]:
        review = one.review
        status = self.labels.get(rating_key(review.label), "")
        if not status:
            _count(self.report.unknown, [review.label])
        what = "\n".join((review.text, review.label, review.reason, review.reviewed_on))
        return {
            "ref": f"import-{digest(review.url, what, previous.ref if previous else '')[:24]}",
            "number": number,
            "claim": [slug],
            "statement": review.text,
            "status": status or Status.UNVERIFIED,
            "label": review.label,
            "reason": review.reason,
            "publisher": [self.outlets[one.place]],
            "url": review.url,
            "reviewed_on": reviewed_on(review, previous, now.day),
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
        known = OutletNames.load() if new else OutletNames()
        known.prefetch(addresses.values())
        unknown = []
        for place, (name, kind) in new.items():
            if outlet := known.find(addresses[place]):
                self.outlets[place] = outlet.slug
            else:
                unknown.append(Outlet(name=name or place, domain=place, kind=kind))
        Outlet.objects.all().assign_slugs(unknown)
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
        named = {said(one.review.claimant): one.review for one in turn}
        new = {key: review for key, review in named.items() if key and key not in self.claimants}
        names = [review.claimant for review in new.values()]
        for name, slug in (
            Claimant.objects.listed().filter(name__in=names).values_list("name", "slug")
        ):
            self.claimants[said(name)] = slug
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
        Claimant.objects.all().assign_slugs(unknown)
        for claimant in unknown:
            self.claimants[said(claimant.name)] = claimant.slug
            names_of = ("slug", "name", "kind", "role", "same_as")
            rows.claimants.append({name: str(getattr(claimant, name)) for name in names_of})


def _turns(batch: Sequence[Ready]) -> list[list[tuple[int, Ready]]]:
    """Return what is ready with its places: what one address says twice stands in two turns."""
    turns: list[list[tuple[int, Ready]]] = []
    times: Counter[str] = Counter()
    for place, one in enumerate(batch):
        if times[one.own_ref] == len(turns):
            turns.append([])
        turns[times[one.own_ref]].append((place, one))
        times[one.own_ref] += 1
    return turns


def _imported(refs: Iterable[str]) -> dict[str, str]:
    """Return the slugs of the claims that are known by some references."""
    # Said twice: the index holds none that are empty.
    imported = Claim.objects.exclude(import_ref="").order_by()
    wanted = list(refs)
    same = imported.filter(import_ref__in=sql.within(wanted)) if wanted else imported.none()
    return dict(same.values_list("import_ref", "slug"))


def _count(counter: Counter[str], texts: Iterable[str]) -> None:
    for text in texts:
        is_room = text in counter or len(counter) < _MOST_COUNTED
        counter[text if is_room else "…"] += 1
