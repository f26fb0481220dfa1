"""How to cite a claim's page: plain text, BibTeX, and Wikipedia's template."""

import re
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.utils.formats import date_format

from factcheck.absolute_urls import page_url
from factcheck.models import Claim

_MAX_TITLE = 120


class PageCitation(NamedTuple):
    """A page cited in three formats, each with the link to the page as it was on that date."""

    plain: str
    bibtex: str
    wikipedia: str


def cite(claim: Claim, day: date) -> PageCitation:
    """Return how to cite `claim` as its page stood on `day`."""
    title = (
        claim.text if len(claim.text) <= _MAX_TITLE else f"{claim.text[: _MAX_TITLE - 1].rstrip()}…"
    )
    title = " ".join(f"{title} ({claim.get_status_display()})".split())
    url = f"{page_url(claim)}?at={day.isoformat()}"
    publisher, read_on = settings.FACTCHECK_PUBLISHER, date_format(day)
    return PageCitation(
        f"{publisher}: “{title}”. {url} ({read_on}).",
        f"@misc{{{_key(claim.slug)},\n"
        f"  title = {{{_bibtex(title)}}},\n"
        f"  author = {{{{{_bibtex(publisher)}}}}},\n"
        f"  year = {{{day.year}}},\n"
        f"  url = {{{url}}},\n"
        f"  urldate = {{{day.isoformat()}}}\n}}",
        f"{{{{cite web |title={_wiki(title)} |website={_wiki(publisher)} |url={url}"
        f" |access-date={day.isoformat()}}}}}",
    )


def _key(slug: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", slug)[:60] or "claim"


_BIBTEX = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def _bibtex(text: str) -> str:
    return text.translate(_BIBTEX)


_WIKI = str.maketrans({mark: f"&#{ord(mark)};" for mark in "|{}[]<>"})


# Two or more begin italics or bold type; one is an apostrophe.
_QUOTES = re.compile("'{2,}")


def _wiki(text: str) -> str:
    return _QUOTES.sub(lambda marks: "&#39;" * len(marks[0]), text.translate(_WIKI))
