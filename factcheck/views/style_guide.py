"""The style guide: every part of the public pages in every state, for developers.

Its data is invented; its parts are rendered by the same code as the pages.
"""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from zlib import crc32

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe

from factcheck import search, svg
from factcheck.models import (
    Citation,
    Claim,
    Claimant,
    Control,
    Evidence,
    Outlet,
    Owner,
    Role,
    Stance,
    Status,
    Verification,
)
from factcheck.models.status_rule import StatusChange
from factcheck.queries import independence, track_records
from factcheck.views import claim_rows, filter_panel, source_maps

COLOURS = ("paper", "sheet", "ink", "soft", "line", "accent", "accent-soft", "warn", "warn-soft")
_DAY = date(2021, 9, 3)


def style(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    context = _controls() | _claims() | _track_records() | _claim_detail() | _pictures()
    return TemplateResponse(request, "factcheck/style.html", context)


def _controls() -> dict[str, Any]:
    """Return colours, and the controls of a list."""
    choices = [
        ("a", "Example Courier", 1_204, True),
        ("b", "Example Wire", 12, False),
        ("c", "An outlet whose name is longer than the panel is wide", 1, False),
        ("d", "One that fits nothing", 0, False),
    ]
    return {
        "themes": ("light", "dark"),
        "colours": COLOURS,
        "statuses": list(Status),
        "choices": claim_rows.choice_boxes("specimen", choices),
        "chips": [
            filter_panel.Chip("Outlet", "Example Courier", "?"),
            filter_panel.Chip("Claimed on or after", "3 September 2021", "?"),
        ],
        "sorts": [("newest", "Newest", True), ("oldest", "Oldest", False)],
        "page_sizes": [(20, True), (50, False)],
        "problems": [("claimed_after", "Claimed on or after", "Enter a valid date.")],
        "page_links": {"before": "?", "after": "?"},
    }


def _claims() -> dict[str, Any]:
    """Return the rows of a list of claims: one of each status, and unusual ones."""
    lake = "A lake that was dry for a decade holds water again."
    claims = [_row(1, status, lake, claimant="A. Speaker") for status in Status]
    unusual = [
        _row(2, Status.UNVERIFIED, "Nobody is named, and no day.", day=None),
        _row(3, Status.DISPUTED, "Озеро снова полно воды.", language="ru", counts=(1, 1, 1)),
        _row(4, Status.MIXED, "The bridge is open, and " + "so is every road to it " * 12),
        _row(5, Status.FALSE, "The Tokayev dam holds."),
        _row(7, Status.FALSE, "The dam holds.", native="Дамба имени Токаева держится."),
        _row(6, Status.TRUE, "Seenoword" * 14, counts=(0, 0, 0)),
    ]
    outlets = {
        1: {"a": ("Example Courier", Control.STATE), "b": ("Example Wire", Control.PRIVATE)},
        3: {"a": ("Example Courier", Control.STATE)},
        4: {f"o{n}": (f"Example Gazette No. {n}", Control.PRIVATE) for n in range(14)},
    }
    return {
        "claims": claim_rows.claim_rows(claims, outlets=outlets),
        "unusual": claim_rows.claim_rows(unusual, search.parse("Tokayev"), outlets=outlets),
    }


def _track_records() -> dict[str, Any]:
    record = track_records.TrackRecord({"true": 9, "false": 3}, {"true": 2}, {"mixed": 1})
    return {
        "tally": {"total": 40, "rows": [(status, 4) for status in Status]},
        "records": [
            (_outlet("Example Courier", Control.STATE), record),
            (_outlet("Example Wire"), track_records.NO_TRACK_RECORD),
        ],
        "shares": [(track_records.wilson(n, 12), n, 12) for n in (0, 4, 12)],
    }


def _row(
    number: int,
    status: Status,
    text: str,
    *,
    claimant: str = "",
    day: date | None = _DAY,
    language: str = "en",
    native: str = "",
    counts: tuple[int, int, int] = (3, 2, 1),
) -> Any:
    citations, outlets, independent = counts
    return SimpleNamespace(
        id=number,
        slug="specimen",
        status=status.value,
        text=text,
        language=language,
        native_text=native,
        native_language="ru",
        claimant__name=claimant,
        claimed_on=day,
        citation_count=citations,
        outlet_count=outlets,
        independent_count=independent,
    )


def _outlet(name: str, control: Control = Control.PRIVATE, owner: Owner | None = None) -> Outlet:
    slug = name.lower().replace(" ", "-")
    return Outlet(pk=crc32(name.encode()), slug=slug, name=name, control=control, owner=owner)


def _claim_detail() -> dict[str, Any]:
    """Return the parts of a claim's page, and the map of an outlet."""
    state = Owner(pk=1, slug="state", name="State of Example", kind="government")
    claimant = Claimant(pk=1, slug="speaker", name="A. Speaker", role="minister")
    courier = _outlet("Example Courier", Control.STATE, state)
    herald = _outlet("Example Herald", Control.STATE, state)
    office = _outlet("Office of the Minister", Control.STATE, state)
    office.speaks_for = claimant
    claim = Claim(pk=1, slug="specimen", claimant=claimant, claimed_on=_DAY, status=Status.MIXED)
    citations = _citations(claim, courier, herald, office)
    sides = [(stance, independence.owner_groups(citations, stance=stance)) for stance in Stance]
    return {
        "map": source_maps.claim_map(claim, sides),
        "sides": sides,
        "reasons": list(independence.explain_count(sides[0][1])),
        "digest": "0123456789abcdef" * 4,
        "family": source_maps.outlet_map(courier, [herald, office], [], []),
        **_findings(claim),
    }


def _citations(claim: Claim, courier: Outlet, herald: Outlet, office: Outlet) -> list[Citation]:
    """Return citations of every stance and role, with dates of every precision."""
    wire, reprint, critic, almanac = (
        _outlet(f"Example {name}") for name in ("Wire", "Reprint", "Critic", "Almanac")
    )
    link = "https://example.org/"
    citations = [
        Citation(outlet=courier, published_on=_DAY, title="What was said", url=link),
        Citation(outlet=herald, date_text="--09-04", quote="A passage, quoted."),
        Citation(outlet=office, published_on=_DAY, role=Role.PRIMARY),
        Citation(outlet=wire, published_on=_DAY, date_end=_DAY + timedelta(2)),
        Citation(outlet=reprint, role=Role.REPRINT, reprint_of=wire),
        Citation(outlet=critic, date_text="2021", stance=Stance.DISPUTES),
        Citation(outlet=almanac, date_text="2021-08", stance=Stance.MENTIONS),
    ]
    for citation in citations:
        citation.claim = claim
        citation.clean()
    return citations


def _findings(claim: Claim) -> dict[str, Any]:
    """Return a finding with its evidence, and the history of a claim's status."""
    kinds = ("finding", "finding", "retraction", "restoration")
    before = [Status.UNVERIFIED, *[Status.MIXED] * 3]
    return {
        "finding": Verification(
            claim=claim,
            status=Status.MIXED,
            byline="An editor",
            reviewed_on=_DAY,
            reason="The first half is so, *the second is not*.\n\n- one record\n\n> quoted",
        ),
        "evidence": [
            Evidence(
                url="https://example.org/",
                title="The record itself",
                publisher_name="Registry",
                accessed_on=_DAY,
                quote="What it says.",
                archived_url="https://example.org/archive",
            )
        ],
        "history": [
            StatusChange(Verification(kind=kind), status.value, Status.MIXED.value)
            for kind, status in zip(kinds, before, strict=True)
        ],
    }


def _pictures() -> dict[str, Any]:
    counts = [(status, (n + 2) ** 2) for n, status in enumerate(Status)]
    days = {date(2021, 8, 20 + n): n % 5 for n in range(12)}
    chart, slots = source_maps.days_chart(days, "Specimen of days")
    paragraphs = [
        [SimpleNamespace(status=status.value, text=status.meaning) for status in Status]
    ] * 3
    bars = [
        (
            str(2019 + year),
            [
                svg.Bar(str(status.label), status.value, year * n + 1)
                for n, status in enumerate(Status)
            ],
        )
        for year in range(3)
    ]
    years = mark_safe(svg.bars("Specimen of bars", "By year.", bars, name="years"))  # noqa: S308 - svg escapes
    return {
        "pictures": [
            source_maps.status_strip(counts),
            source_maps.article_squares(paragraphs),
            years,
            chart,
        ],
        "slots": slots,
    }
