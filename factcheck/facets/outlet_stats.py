"""Statistics of outlets: track records, reprints, and the dates on which they are cited."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pyroaring import BitMap

from factcheck.facets.bitmap_index import Index, current
from factcheck.facets.bitmap_reader import NOTHING, union
from factcheck.models import Stance
from factcheck.queries.track_records import TrackRecord


@dataclass(frozen=True)
class OutletStats:
    """The statistics on an outlet's own page."""

    record: TrackRecord
    # How many claims that it supports have which status, by the claims' year (None: no date).
    by_year: Mapping[int | None, Mapping[str, int]]
    # For how many claims it reprints which outlets, and which reprint it, by id.
    reprints: Mapping[int, int]
    reprinted_by: Mapping[int, int]


def track_records() -> Mapping[int, TrackRecord]:
    """Return the track record of every outlet that supports a published claim, by its id."""
    index = current()
    outlets = {pk for pk, stance in index.pairs if stance == Stance.SUPPORTS}
    return index.cached("records", lambda: {pk: _record(index, pk) for pk in outlets})


def claim_counts() -> Mapping[int, int]:
    """Return how many published claims cite each outlet, by its id; only those that any cites."""
    index = current()

    def count() -> dict[int, int]:
        sets: dict[int, list[BitMap]] = defaultdict(list)
        for (outlet, _stance), members in index.pairs.items():
            sets[outlet].append(members)
        return {outlet: len(union(members)) for outlet, members in sets.items()}

    return index.cached("claim counts", count)


def outlet_stats(outlet: int) -> OutletStats:
    """Return the statistics of an outlet's page, all from one state of the data."""
    index = current()
    return OutletStats(_record(index, outlet), _by_year(index, outlet), *_reprints(index, outlet))


def citation_days(outlet: int) -> Mapping[date, int]:
    """Return how many citations of an outlet published claims have, by each known date."""
    index = current()
    return index.cached(("days", outlet), lambda: index.days.counts(outlet, index.published))


def status_counts(index: Index, members: BitMap) -> dict[str, int]:
    """Return how many of some claims have which status."""
    statuses = index.values.get("status", [])
    counts = ((status, claims.intersection_cardinality(members)) for status, claims in statuses)
    return {status: count for status, count in counts if count}


def _record(index: Index, outlet: int) -> TrackRecord:
    voice = index.sets.get(("voice", outlet), NOTHING)
    alone = index.sets.get(("single_outlet",), NOTHING)
    repeats = union(index.reprints_by_outlet.get(outlet, [])) - voice
    return TrackRecord(
        status_counts(index, voice),
        status_counts(index, voice & alone),
        status_counts(index, repeats),
    )


def _by_year(index: Index, outlet: int) -> dict[int | None, Mapping[str, int]]:
    voice = index.sets.get(("voice", outlet), NOTHING)
    years: dict[int | None, BitMap] = {
        int(year): members & voice for year, members in index.values.get("year", [])
    }
    years[None] = voice - union(list(years.values()))
    return {year: status_counts(index, members) for year, members in years.items() if members}


def _reprints(index: Index, outlet: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return for how many claims an outlet reprints which sources, and which outlets reprint it."""
    sources, reprinting = {}, {}
    for (pk, source), members in index.reprints.items():
        if pk == outlet and source:
            sources[source] = len(members)
        if source == outlet:
            reprinting[pk] = len(members)
    return sources, reprinting
