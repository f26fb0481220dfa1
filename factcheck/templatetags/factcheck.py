"""The tags and filters of our templates: functions of `formatting`, and what only pages print."""

from difflib import SequenceMatcher
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from factcheck import formatting, svg
from factcheck.formatting import cached_include
from factcheck.text.web_addresses import web_address

register = template.Library()
register.filter("web_address", web_address)
register.filter("markdown", formatting.markdown)
register.filter("day", formatting.date_element, expects_localtime=True)
register.filter("format_date_text", formatting.format_date_text)
register.filter("country", formatting.country_name)
register.filter("language", formatting.language_name)
register.simple_tag(cached_include)
register.simple_tag(formatting.status_badge, name="status")

# The time of a comparison grows with the square of the words.
_MAX_WORDS_COMPARED = 2_000


@register.simple_tag
def outlet(row: Any) -> SafeString:
    """Print an outlet's name, which leads to its page, and whether a state controls it."""
    address = row.get_absolute_url()
    return cached_include(
        "outlet", address=address, name=row.name, is_state=row.is_state_controlled
    )


@register.simple_tag
def change(of: Any) -> SafeString:
    """Print what an entry of the log made of its claim's status: a `Change`."""
    labels = {"before_label": of.before_label, "after_label": of.after_label}
    # A record that no editor began says when it begins, not when the claim was published.
    is_begun = of.entry.kind == "publication" and of.entry.reviewer_id is None
    kind = "begun" if is_begun else of.entry.kind
    return cached_include("change", kind=kind, before=of.before, after=of.after, **labels)


@register.simple_tag
def signed(entry: Any) -> SafeString:
    """Print who signed an entry of the log, and its date."""
    publisher = entry.canonical_publisher
    return cached_include(
        "signed",
        address=publisher.get_absolute_url() if publisher else "",
        publisher=publisher.name if publisher else "",
        byline=entry.byline,
        is_signed=entry.kind == "finding" or entry.reviewer_id is not None,
        day=entry.reviewed_on,
        label=entry.label,
        url=web_address(entry.url),
    )


@register.simple_tag
def share(of: Any, count: int, total: int) -> SafeString:
    """Print an `Interval` beside the counts that it comes from, and as a picture."""
    text = _("%(count)s of %(total)s: %(share)s %% (95 %% interval: %(low)s–%(high)s %%)") % {
        "count": number_format(count),
        "total": number_format(total),
        "share": round(100 * of.share),
        "low": round(100 * of.low),
        "high": round(100 * of.high),
    }
    picture = svg.interval(of.low, of.share, of.high)
    return format_html('<span class="share">{} {}</span>', text, mark_safe(picture))  # noqa: S308


@register.simple_tag
def linked_data(json: str) -> SafeString:
    """Print JSON-LD, which the caller has escaped. It is data: no browser runs it."""
    if not json:
        return SafeString("")
    return mark_safe(f'<script type="application/ld+json">{json}</script>')  # noqa: S308


@register.simple_tag
def difference(before: str, after: str) -> SafeString:
    """Print two texts as one, with removed and added words marked."""
    old, new = before.split(), after.split()
    parts: list[tuple[str, str]] = []
    if len(old) + len(new) > _MAX_WORDS_COMPARED:
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
