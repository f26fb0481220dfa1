"""How pages print reasons, dates as known, countries and languages."""

from datetime import date
from difflib import SequenceMatcher
from typing import Any

import nh3
from django import template
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, pgettext_lazy
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from factcheck import svg
from factcheck.caches import cached
from factcheck.text.dates import is_date_text, known_day
from factcheck.text.web_addresses import web_address

register = template.Library()
register.filter("web_address", web_address)

# Comparing takes the square of the words; no reader follows more.
_MOST_COMPARED = 2_000

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


@register.filter
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


@register.simple_tag
def part(name: str, /, **values: Any) -> SafeString:
    """Print the template `includes/_NAME.html`, which shows nothing but these values.

    The same values print the same in one language, below one address of the site, so it is
    remembered: they are texts, numbers and truths, never rows, which stay equal while they change.
    """
    return _part(name, get_language(), get_script_prefix(), **values)


@register.simple_tag
def status(value: str, label: str) -> SafeString:
    """Print a status with its sign."""
    return part("status", status=value, label=label)


@register.simple_tag
def outlet(row: Any) -> SafeString:
    """Print an outlet's name, which leads to its page, and whether a state controls it."""
    address = row.get_absolute_url()
    return part("outlet", address=address, name=row.name, is_state=row.is_state_controlled)


@register.simple_tag
def change(of: Any) -> SafeString:
    """Print what an entry of the log made of its claim's status: a `Change`."""
    labels = {"before_label": of.before_label, "after_label": of.after_label}
    # A record that no editor began says when it begins, not when the claim was published.
    is_begun = of.entry.kind == "publication" and of.entry.reviewer_id is None
    kind = "begun" if is_begun else of.entry.kind
    return part("change", kind=kind, before=of.before, after=of.after, **labels)


@register.simple_tag
def signed(entry: Any) -> SafeString:
    """Print who vouches for an entry of the log, and of which day it is."""
    by = entry.canonical_publisher
    return part(
        "signed",
        address=by.get_absolute_url() if by else "",
        publisher=by.name if by else "",
        byline=entry.byline,
        is_signed=entry.kind == "finding" or entry.reviewer_id is not None,
        day=entry.reviewed_on,
        label=entry.label,
        url=web_address(entry.url),
    )


# Texts that are safe as they are equal those that are not: what is remembered differs.
@cached(10_000, typed=True)
def _part(name: str, language: str, prefix: str, /, **values: Any) -> SafeString:
    html = render_to_string(f"factcheck/includes/_{name}.html", values)
    return mark_safe(html.strip())  # noqa: S308 - the template has escaped it


@register.filter(expects_localtime=True)
def day(moment: date | None) -> SafeString:
    """Print a day, or the day of a moment, for readers and for machines."""
    return _day(moment, moment.isoformat(), get_language()) if moment else SafeString("")


# One moment is equal in all time zones, and is written otherwise in each.
@cached(20_000)
def _day(moment: date, iso: str, language: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', iso, date_format(moment))


@register.filter
def as_known(date_text: str) -> str:
    """Print a day, a month, a year or a day of an unknown year in the reader's words."""
    if not date_text:
        return _("undated")
    if not is_date_text(date_text):  # bulk code wrote it: forms refuse it
        return date_text
    if day := known_day(date_text):
        return date_format(day)
    if date_text.startswith("--"):
        # Of a leap year, for it may be 29 February.
        day = date.fromisoformat(f"2000{date_text[1:]}")
        return _("%(day)s, year unknown") % {"day": date_format(day, "MONTH_DAY_FORMAT")}
    year, _dash, month = date_text.partition("-")
    return date_format(date(int(year), int(month), 1), "YEAR_MONTH_FORMAT") if month else year


@register.simple_tag
def share(of: Any, count: int, total: int) -> SafeString:
    """Print an `Interval` beside the counts that it comes from, and as a picture."""
    words = _("%(count)s of %(total)s: %(share)s %% (95 %% interval: %(low)s–%(high)s %%)") % {
        "count": number_format(count),
        "total": number_format(total),
        "share": round(100 * of.share),
        "low": round(100 * of.low),
        "high": round(100 * of.high),
    }
    picture = svg.interval(of.low, of.share, of.high)
    return format_html('<span class="share">{} {}</span>', words, mark_safe(picture))  # noqa: S308


@register.simple_tag
def linked_data(json: str) -> SafeString:
    """Print JSON-LD, escaped by who made it: data, which no browser runs."""
    if not json:
        return SafeString("")
    return mark_safe(f'<script type="application/ld+json">{json}</script>')  # noqa: S308


@register.simple_tag
def difference(before: str, after: str) -> SafeString:
    """Print two texts as one, with the words that went and those that came marked."""
    old, new = before.split(), after.split()
    parts: list[tuple[str, str]] = []
    if len(old) + len(new) > _MOST_COMPARED:
        parts = [("del", before), ("ins", after)]
    else:
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                parts.append(("span", " ".join(old[a:b])))
            else:
                parts += [("del", " ".join(old[a:b])), ("ins", " ".join(new[c:d]))]
    return format_html_join(
        " ",
        "<{0}>{1}</{0}>",
        ((mark_safe(tag), text) for tag, text in parts if text),  # noqa: S308
    )


@register.filter
def country(code: str) -> str:
    """Print a country's name, or its code where the short list has none."""
    return str(_COUNTRIES.get(code, code))


@register.filter
def language(code: str) -> str:
    """Print a language's name in the reader's language, or its code."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code
