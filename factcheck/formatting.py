"""Formats dates, countries, languages, Markdown and small parts of pages.

Pages, feeds and the admin call these functions; templates have them as tags and filters.
"""

from datetime import date
from typing import Any

import nh3
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, pgettext_lazy
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from factcheck.caches import cached
from factcheck.text.dates import full_date, is_date_text

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TAGS = {"p", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "br", "pre"}

# The countries whose outlets a newsroom of the region cites most; others print their code.
_COUNTRIES = {
    "AF": pgettext_lazy("country", "Afghanistan"),
    "AM": pgettext_lazy("country", "Armenia"),
    "AZ": pgettext_lazy("country", "Azerbaijan"),
    "BY": pgettext_lazy("country", "Belarus"),
    "CN": pgettext_lazy("country", "China"),
    "DE": pgettext_lazy("country", "Germany"),
    "FR": pgettext_lazy("country", "France"),
    "GB": pgettext_lazy("country", "United Kingdom"),
    "GE": pgettext_lazy("country", "Georgia"),
    "IN": pgettext_lazy("country", "India"),
    "IR": pgettext_lazy("country", "Iran"),
    "KG": pgettext_lazy("country", "Kyrgyzstan"),
    "KZ": pgettext_lazy("country", "Kazakhstan"),
    "MD": pgettext_lazy("country", "Moldova"),
    "MN": pgettext_lazy("country", "Mongolia"),
    "PK": pgettext_lazy("country", "Pakistan"),
    "RU": pgettext_lazy("country", "Russia"),
    "TJ": pgettext_lazy("country", "Tajikistan"),
    "TM": pgettext_lazy("country", "Turkmenistan"),
    "TR": pgettext_lazy("country", "Türkiye"),
    "UA": pgettext_lazy("country", "Ukraine"),
    "US": pgettext_lazy("country", "United States"),
    "UZ": pgettext_lazy("country", "Uzbekistan"),
}


def markdown(text: str) -> SafeString:
    """Render Markdown without its HTML, cleaned once more after rendering."""
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def cached_include(name: str, /, **values: Any) -> SafeString:
    """Return the template `includes/_NAME.html`, rendered with these values alone, from a cache.

    The cache key is the values, the language and the site's address. Values are therefore texts,
    numbers and booleans: a model instance stays equal to itself while its fields change.
    """
    return _cached_include(name, get_language(), get_script_prefix(), **values)


# `typed`: a safe string is equal to an unsafe one, but must not be printed in its place.
@cached(10_000, typed=True)
def _cached_include(name: str, language: str, prefix: str, /, **values: Any) -> SafeString:
    html = render_to_string(f"factcheck/includes/_{name}.html", values)
    return mark_safe(html.strip())  # noqa: S308 - the template has escaped it


def status_badge(value: str, label: str) -> SafeString:
    """Return a status with its sign, as HTML."""
    return cached_include("status", status=value, label=label)


def date_element(moment: date | None) -> SafeString:
    """Return a date, or the date of a moment, for readers and for machines."""
    return _date_element(moment, moment.isoformat(), get_language()) if moment else SafeString("")


# One moment is equal in all time zones, and is written otherwise in each.
@cached(20_000)
def _date_element(moment: date, iso: str, language: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', iso, date_format(moment))


def format_date_text(date_text: str) -> str:
    """Return a date, month, year or date of an unknown year in the reader's words."""
    if not date_text:
        return _("undated")
    if not is_date_text(date_text):  # bulk code wrote it: forms refuse it
        return date_text
    if day := full_date(date_text):
        return date_format(day)
    if date_text.startswith("--"):
        # Of a leap year, for it may be 29 February.
        day = date.fromisoformat(f"2000{date_text[1:]}")
        return _("%(day)s, year unknown") % {"day": date_format(day, "MONTH_DAY_FORMAT")}
    year, _dash, month = date_text.partition("-")
    return date_format(date(int(year), int(month), 1), "YEAR_MONTH_FORMAT") if month else year


def country_name(code: str) -> str:
    """Return a country's name, or its code where the short list has none."""
    return str(_COUNTRIES.get(code, code))


def language_name(code: str) -> str:
    """Return a language's name in the reader's language, or its code."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code
