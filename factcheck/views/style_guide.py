"""Every part of the public pages in every state, for who changes the style sheet.

All that stands on it is invented. It is made by what makes the pages themselves.
"""

from datetime import date, timedelta
from types import SimpleNamespace as Invented
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
from factcheck.models.verifications import Change
from factcheck.queries import independence
from factcheck.views import claim_rows, filter_panel, source_maps

COLOURS = ("paper", "sheet", "ink", "soft", "line", "accent", "accent-soft", "warn", "warn-soft")
_DAY = date(2021, 9, 3)


def style(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    return TemplateResponse(request, "factcheck/style.html", _lists() | _dossier() | _pictures())


def _lists() -> dict[str, Any]:
    """Return claims, choices, chips and all else that a list may show."""
    claims = [
        _row(
            1, status, "A lake that was dry for a decade holds water again.", claimant="A. Speaker"
        )
        for status in Status
    ]
    strange = [
        _row(2, Status.UNVERIFIED, "Nobody is named, and no day.", day=None),
        _row(3, Status.DISPUTED, "Озеро снова полно воды.", language="ru", counts=(1, 1, 1)),
        _row(4, Status.MIXED, "The bridge is open, and " + "so is every road to it " * 12),
        _row(5, Status.FALSE, "The Tokayev dam holds."),
        _row(7, Status.FALSE, "The dam holds.", native="Дамба имени Токаева держится."),
        _row(6, Status.TRUE, "Seenoword" * 14, counts=(0, 0, 0)),
    ]
    cited = {
        1: {"a": ("Example Courier", Control.STATE), "b": ("Example Wire", Control.PRIVATE)},
        3: {"a": ("Example Courier", Control.STATE)},
        4: {f"o{n}": (f"Example Gazette No. {n}", Control.PRIVATE) for n in range(14)},
    }
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
        "claims": claim_rows.claim_rows(claims, outlets=cited),
        "strange": claim_rows.claim_rows(strange, search.parse("Tokayev"), outlets=cited),
        "choices": claim_rows.choices("specimen", choices),
        "chips": [
            filter_panel.Chip("Outlet", "Example Courier", "?"),
            filter_panel.Chip("Claimed on or after", "3 September 2021", "?"),
        ],
        "sorts": [("newest", "Newest", True), ("oldest", "Oldest", False)],
        "page_sizes": [(20, True), (50, False)],
        "problems": [("claimed_after", "Claimed on or after", "Enter a valid date.")],
        "both_ways": {"before": "?", "after": "?"},
        "tally": {"total": 40, "rows": [(status, 4) for status in Status]},
        "records": [
            (
                _outlet("Example Courier", Control.STATE),
                independence.Record({"true": 9, "false": 3}, {"true": 2}, {"mixed": 1}),
            ),
            (_outlet("Example Wire"), independence.NO_RECORD),
        ],
    }  # fmt: skip


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
    return Invented(
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


def _dossier() -> dict[str, Any]:
    """Return what a claim's page may show."""
    state = Owner(pk=1, slug="state", name="State of Example", kind="government")
    claimant = Claimant(pk=1, slug="speaker", name="A. Speaker", role="minister")
    courier = _outlet("Example Courier", Control.STATE, state)
    herald = _outlet("Example Herald", Control.STATE, state)
    wire, own = _outlet("Example Wire"), _outlet("Office of the Minister", Control.STATE, state)
    own.speaks_for = claimant
    claim = Claim(pk=1, slug="specimen", claimant=claimant, claimed_on=_DAY, status=Status.MIXED)
    reprint, critic, almanac = (_outlet(f"Example {n}") for n in ("Reprint", "Critic", "Almanac"))
    citations = [
        Citation(
            outlet=courier, published_on=_DAY, title="What was said", url="https://example.org/"
        ),
        Citation(outlet=herald, date_text="--09-04", quote="A passage, quoted."),
        Citation(outlet=own, published_on=_DAY, role=Role.PRIMARY),
        Citation(outlet=wire, published_on=_DAY, date_end=_DAY + timedelta(2)),
        Citation(outlet=reprint, role=Role.REPRINT, reprint_of=wire),
        Citation(outlet=critic, date_text="2021", stance=Stance.DISPUTES),
        Citation(outlet=almanac, date_text="2021-08", stance=Stance.MENTIONS),
    ]
    for citation in citations:
        citation.claim = claim
        citation.clean()
    sides = [(stance, independence.families(citations, stance=stance)) for stance in Stance]
    finding = Verification(
        claim=claim, status=Status.MIXED, byline="An editor", reviewed_on=_DAY,
        reason="The first half is so, *the second is not*.\n\n- one record\n- another\n\n> quoted",
    )  # fmt: skip
    record = Evidence(
        url="https://example.org/", title="The record itself", publisher_name="Registry",
        accessed_on=_DAY, quote="What it says.", archived_url="https://example.org/archive",
    )  # fmt: skip
    entries = [
        Verification(kind=kind) for kind in ("finding", "finding", "retraction", "restoration")
    ]
    before = [Status.UNVERIFIED.value, *[Status.MIXED.value] * 3]
    return {
        "finding": finding,
        "evidence": [record],
        "map": source_maps.of_claim(claim, sides),
        "sides": sides,
        "reasons": list(independence.reasons(sides[0][1])),
        "history": [
            Change(entry, old, Status.MIXED.value)
            for entry, old in zip(entries, before, strict=True)
        ],
        "digest": "0123456789abcdef" * 4,
        "family": source_maps.of_outlet(courier, [herald, own], [], []),
    }


def _pictures() -> dict[str, Any]:
    counts = [(status, (n + 2) ** 2) for n, status in enumerate(Status)]
    days = {date(2021, 8, 20 + n): n % 5 for n in range(12)}
    chart, slots = source_maps.of_days(days, "Specimen of days")
    articles = [[Invented(status=s.value, text=s.meaning) for s in Status]] * 3
    bars = [
        (
            str(2019 + n),
            [svg.Bar(str(s.label), s.value, n * k + 1) for k, s in enumerate(Status)],
        )
        for n in range(3)
    ]
    return {
        "pictures": [
            source_maps.of_statuses(counts),
            source_maps.of_article(articles),
            mark_safe(svg.bars("Specimen of bars", "By year.", bars, name="years")),  # noqa: S308 - charts escape
            chart,
        ],
        "slots": slots,
        "shares": [(independence.wilson(n, 12), n, 12) for n in (0, 4, 12)],
    }
