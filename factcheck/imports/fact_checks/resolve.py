"""Finds the outlets and claimants that fact-checks name, and adds those that are not known."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from factcheck.imports.fact_checks.keys import domain_of, words_key
from factcheck.imports.fact_checks.records import Review
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import Claimant, Outlet
from factcheck.models.claimants import ClaimantKind
from factcheck.models.outlets import OutletKind

# Outlets and claimants that are remembered; more are looked up again.
_CACHE_SIZE = 50_000
_MAX_NAME, _MAX_LINK = 200, 500


class Chunk(Protocol):
    """The part of the bulk loader that rows are given to (`factcheck.imports.bulk.loader`)."""

    def insert(self, instances: Sequence[Any]) -> None: ...


class OutletIds:
    """The outlets that web addresses belong to."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def of(self, url: str) -> int:
        """Return the id of an address's outlet, which has been resolved."""
        return self._ids[domain_of(url)]

    def clear_cache(self) -> None:
        self._ids.clear()

    def resolve(self, publishers: Iterable[Review], cited: Iterable[str], chunk: Chunk) -> None:
        """Find the outlets of reviews and of the addresses that they cite; add unknown ones."""
        if len(self._ids) > _CACHE_SIZE:
            self.clear_cache()
        outlets: dict[str, Outlet] = {}
        for review in publishers:
            domain = domain_of(review.url)
            if domain not in self._ids and domain not in outlets:
                outlets[domain] = _outlet(domain, review.publisher, OutletKind.FACT_CHECKER)
        for domain in map(domain_of, cited):
            if domain not in self._ids and domain not in outlets:
                outlets[domain] = _outlet(domain, "", OutletKind.OTHER)
        if not outlets:
            return
        addresses = {domain: f"https://{domain}/" for domain in outlets}
        known = OutletNames.load()
        known.prefetch(addresses.values())
        for domain, address in addresses.items():
            if outlet := known.find(address):
                self._ids[domain] = outlet.pk
                del outlets[domain]
        unknown = list(outlets.values())
        Outlet.objects.all().assign_slugs(unknown)
        chunk.insert(unknown)
        self._ids.update((domain, outlet.pk) for domain, outlet in outlets.items())


def _outlet(domain: str, name: str, kind: OutletKind) -> Outlet:
    return Outlet(name=(name or domain)[:_MAX_NAME], domain=domain, kind=kind, is_confirmed=False)


class ClaimantIds:
    """The people and organisations that claims are by."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def of(self, name: str) -> int | None:
        """Return the id of a claimant, who has been resolved; None for an empty name."""
        return self._ids[words_key(name)] if name else None

    def clear_cache(self) -> None:
        self._ids.clear()

    def resolve(self, reviews: Iterable[Review], chunk: Chunk) -> None:
        """Find the claimants of reviews; add unknown ones."""
        if len(self._ids) > _CACHE_SIZE:
            self.clear_cache()
        claimants: dict[str, Claimant] = {}
        for review in reviews:
            if review.claimant and (key := words_key(review.claimant)) not in self._ids:
                claimants[key] = _claimant(review)
        names = [claimant.name for claimant in claimants.values()]
        same = Claimant.objects.listed().filter(name__in=names) if names else ()
        for claimant in same:
            key = words_key(claimant.name)
            self._ids[key] = claimant.pk
            claimants.pop(key, None)
        unknown = list(claimants.values())
        Claimant.objects.all().assign_slugs(unknown)
        chunk.insert(unknown)
        self._ids.update((key, claimant.pk) for key, claimant in claimants.items())


def _claimant(review: Review) -> Claimant:
    kind = ClaimantKind.ORGANISATION if review.is_organisation else ClaimantKind.PERSON
    return Claimant(
        name=review.claimant,
        kind=kind,
        role=review.claimant_role,
        same_as=review.same_as[:_MAX_LINK],
    )
