"""Finds the outlets and claimants that fact-checks name, and adds missing ones."""

from collections.abc import Iterable

from factcheck.imports.bulk.chunk import Chunk
from factcheck.imports.fact_checks.keys import domain_of, words_key
from factcheck.imports.fact_checks.records import Review
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import Claimant, Outlet
from factcheck.models.claimants import ClaimantKind
from factcheck.models.outlet_kinds import OutletKind

# Cached ids of outlets, and of claimants; with more the cache is cleared.
_CACHE_SIZE = 50_000
_MAX_NAME, _MAX_LINK = 200, 500


class OutletIds:
    """Ids of the outlets that web addresses belong to."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def of(self, url: str) -> int:
        """Return the id of an address's outlet, which must have been resolved."""
        return self._ids[domain_of(url)]

    def clear_cache(self) -> None:
        self._ids.clear()

    def resolve(self, publishers: Iterable[Review], cited: Iterable[str], chunk: Chunk) -> None:
        """Find the outlets of reviews and of the addresses that they cite; add missing ones."""
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
        names = OutletNames.load()
        names.prefetch(addresses.values())
        for domain, address in addresses.items():
            if outlet := names.find(address):
                self._ids[domain] = outlet.pk
                del outlets[domain]
        missing = list(outlets.values())
        Outlet.objects.all().assign_slugs(missing)
        chunk.insert(missing)
        self._ids.update((domain, outlet.pk) for domain, outlet in outlets.items())


def _outlet(domain: str, name: str, kind: OutletKind) -> Outlet:
    return Outlet(name=(name or domain)[:_MAX_NAME], domain=domain, kind=kind, is_confirmed=False)


class ClaimantIds:
    """Ids of the people and organisations that made the claims."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def of(self, name: str) -> int | None:
        """Return the id of a claimant, who must have been resolved; None for an empty name."""
        return self._ids[words_key(name)] if name else None

    def clear_cache(self) -> None:
        self._ids.clear()

    def resolve(self, reviews: Iterable[Review], chunk: Chunk) -> None:
        """Find the claimants of reviews; add missing ones."""
        if len(self._ids) > _CACHE_SIZE:
            self.clear_cache()
        claimants: dict[str, Claimant] = {}
        for review in reviews:
            if review.claimant and (key := words_key(review.claimant)) not in self._ids:
                claimants[key] = _claimant(review)
        names = [claimant.name for claimant in claimants.values()]
        existing = Claimant.objects.listed().filter(name__in=names) if names else ()
        for claimant in existing:
            key = words_key(claimant.name)
            self._ids[key] = claimant.pk
            claimants.pop(key, None)
        missing = list(claimants.values())
        Claimant.objects.all().assign_slugs(missing)
        chunk.insert(missing)
        self._ids.update((key, claimant.pk) for key, claimant in claimants.items())


def _claimant(review: Review) -> Claimant:
    kind = ClaimantKind.ORGANISATION if review.is_organisation else ClaimantKind.PERSON
    return Claimant(
        name=review.claimant,
        kind=kind,
        role=review.claimant_role,
        same_as=review.same_as[:_MAX_LINK],
    )
