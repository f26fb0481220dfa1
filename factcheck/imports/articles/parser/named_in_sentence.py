"""Finds the outlet that a sentence names before a date: `As Vlast.kz (May 3) wrote`."""

import re

from factcheck.imports import outlet_names
from factcheck.imports.articles.parser.citation_runs import IsOutlet, Part

_MAX_DISTANCE = 120
_NAME = re.compile(r"(?:[^\s.,;:!?()—–]|[.,](?=\w))+|[^\s]")
_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"]+)[”“»\"]\s*$")
_JOINING = frozenset("of the and for de la al и».".split())
_OPENING = frozenset(
    "as in on at according to the when while but and yet still an a also earlier later meanwhile"
    " however thus told by from with как по в на согласно газета агентство".split()
)
_BEFORE = re.compile(
    r"(?:\bas|according to|\btold"
    r"|(?:reported|published|quoted|cited|written|printed) (?:in|by|on)"
    r"|(?:article|report|column|commentary|editorial|item|interview) (?:in|by|on|for)"
    r"|(?:daily|weekly|newspaper|paper|magazine|journal|agency|newswire|website|site|portal|outlet"
    r"|channel|blog|газет\w|агентств\w|сайт\w?|портал\w?|телеканал\w?|журнал\w?)|как|согласно"
    r"|по (?:данным|сообщению|информации)|сообщ\w+|пишет|писал\w*|напис\w+)\s+"
    r"(?:the\s+|газета\s+|агентство\s+)?$",
    re.I,
)
_AFTER = re.compile(
    r"\s+(?:\w+ly\s+|has\s+|had\s+|also\s+)?(?:wrote|writes|reported|reports|published|publishes"
    r"|quoted|quotes|editorialized|carried|ran|cited|cites|headlined|сообщ\w+|пис\w+|напис\w+"
    r"|пиш\w+|хабарла\w*|жазды|жазған|жазғандай)\b",
    re.I,
)


def find_outlet_before(text: str, start: int, end: int, is_outlet: IsOutlet) -> Part | None:
    """Return the outlet that the sentence cites directly before the parenthesis at `start`."""
    before = text[max(0, start - _MAX_DISTANCE) : start]
    before = before[max(map(before.rfind, "\n\r\u2028\u2029")) + 1 :]
    offset = start - len(before)
    if quoted := _QUOTED.search(before):
        is_cited = _BEFORE.search(before, 0, quoted.start()) or _AFTER.match(text, end)
        if not is_outlet(quoted[1]) and not is_cited:
            return None
        return Part(quoted[1], offset + quoted.start(), start, is_quoted=True)
    words = list(_NAME.finditer(before))
    first = len(words)
    while first and (
        words[first - 1][0][0].isupper()
        or words[first - 1][0] in _JOINING
        or outlet_names.is_site(words[first - 1][0])
    ):
        first -= 1
    while first < len(words) and words[first][0].casefold() in _OPENING | _JOINING:
        first += 1
    for word in words[first:]:
        name = before[word.start() :].strip().strip("“”«»\"'")
        is_cited = _BEFORE.search(before, 0, word.start()) or _AFTER.match(text, end)
        if (
            is_outlet(name)
            or outlet_names.is_site(name)
            or (is_cited and outlet_names.is_name(name))
        ):
            return Part(name, offset + word.start(), start)
        if not is_outlet(name) and is_cited:
            break
    return None
