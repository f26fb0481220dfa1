"""The inside of a citation group: items parted at `;`, each a run of outlets, days and remarks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from factcheck.ingest import dates, names
from factcheck.ingest.dates import MONTH, Printed

# Says whether a printed name is an outlet's.
Known = Callable[[str], bool]

_TOKEN = re.compile(
    # What holds commas of its own.
    r"(?P<whole>https?://\S*[^\s,;.!?]|“[^“”]*”|«[^«»]*»|„[^„“”]*[“”]|\"[^\"]*\""
    rf"|{MONTH}\s*\d\d?,\s*\d{{4}}\s*-\s*{MONTH}\s*\d\d?(?:,\s*\d{{4}})?)"
    r"|(?P<item>;)"
    # A comma, a lost separator (`January 20, 2021May 12, 2021`), `August 15 and 16`.
    rf"|(?P<part>,|(?<=(?:19|20)\d\d)(?={MONTH}\s*\d)|(?<=[a-z]\s\d)(?={MONTH}\s*\d)"
    rf"|(?<=\d)\s+(?:and|&|и|және)\s+(?=\d|{MONTH}))",
    re.I,
)
_ACCESSED = re.compile(
    r"(?:last )?(?:accessed|retrieved|viewed|visited|consulted)\b.*|дата обращения\b.*", re.I
)
_DAY_NAME = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.I)
_CONTINUES = re.compile(
    r"(?:inc|ltd|llc|plc|jr|d\.?c|the)\.?|(?:republic|state|kingdom|government|office) of\b.*", re.I
)
_SAME = re.compile(r"(?:ibid|idem|там же|сонда)\.?", re.I)
_NETWORK = re.compile(r"(?:twitter|x|telegram|facebook|instagram|vk|youtube|tiktok)", re.I)
_AND = re.compile(r"\s+(?:and|&|и|және)\s+")
_LEADING_AND = re.compile(r"^(?:and|&|и|және)\s+(?=\S)")


class Part(NamedTuple):
    """What stands between two commas, and where in the text."""

    text: str
    start: int
    end: int
    is_quoted: bool = False


@dataclass(slots=True)
class Day:
    printed: Printed
    part: Part
    link: str | None = None


@dataclass(slots=True)
class Run:
    """Outlets and the days they share."""

    start: int
    end: int
    outlets: list[Part] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: dict[int, str] = field(default_factory=dict)  # by the outlet's place
    unparsed: list[str] = field(default_factory=list)
    numbers: list[Part] = field(default_factory=list)  # days whose month is still to come
    is_lost: bool = False  # the outlet's name was
    points: bool = False  # it says `see`
    was_accessed: bool = False
    follows: bool = False  # takes the outlet of the run before it

    def add_day(self, part: Part, printed: Printed) -> None:
        before = self.days[-1].printed if self.days else None
        if printed.month is None and printed.day is not None:  # a bare number
            if before is None or before.month is None:
                self.numbers.append(part)
                return
            month = before.last_month or before.month
            printed = printed._replace(month=month, year=before.year)
        elif printed.month is None and before and before.month and not before.closing_year:
            self.days[-1].printed = before.closed_by(printed.year)
            return
        if self.numbers and part.text[0].isdigit():  # 15, 16 августа
            for number in self.numbers:
                day = dates.read(number.text)
                self.days += [Day(day._replace(month=printed.month), number)] if day else []
            self.numbers.clear()
        if printed.can_be:
            self.days.append(Day(printed, part))
        else:
            self.unparsed.append(part.text)

    def add_link(self, link: str) -> bool:
        """Take a link as that of the last day, or else outlet, if it has none yet."""
        if self.days:
            is_free, self.days[-1].link = not self.days[-1].link, self.days[-1].link or link
            return is_free
        return self.links.setdefault(len(self.outlets) - 1, link) is link


def items(content: str, offset: int) -> Iterator[list[Part]]:
    """Yield the items of a group's inside, each as its parts between commas."""
    item: list[Part] = []
    start = 0

    def part(end: int) -> Part:
        raw = content[start:end]
        left = start + len(raw) - len(raw.lstrip())
        return Part(" ".join(raw.split()), offset + left, offset + left + len(raw.strip()))

    for token in _TOKEN.finditer(content.translate(dates.DASHES)):
        if token["whole"] is not None:
            continue
        item.append(part(token.start()))
        start = token.end()
        if token["item"]:
            yield item
            item = []
    item.append(part(len(content)))
    yield item


def runs(item: list[Part], previous: Run | None, known: Known) -> list[Run]:
    """Read one item. `previous` is the run before it, whose outlet a mere date takes."""
    run = Run(item[0].start, item[-1].end)
    found = [run]
    parts = _joined(item, known)
    for place, part in enumerate(parts):
        if not part.text:
            run.is_lost = run.is_lost or (place == 0 and len(parts) > 1)
            continue
        if _ACCESSED.fullmatch(part.text):
            run.notes.append(part.text)
            run.was_accessed = True
            continue
        if _DAY_NAME.fullmatch(part.text):
            continue
        if previous and previous.outlets and _SAME.fullmatch(part.text) and not run.outlets:
            run.outlets.append(previous.outlets[-1])
            continue
        if printed := _date(part.text):
            if run.was_accessed:
                run.notes[-1] += f", {part.text}"
            else:
                run.add_day(part, printed)
            continue
        if dates.is_impossible(part.text):
            run.unparsed.append(part.text)
            continue
        lead, rest, points = names.split_lead(_LEADING_AND.sub("", part.text))
        if _date(rest) and (title := names.quoted_last(lead)):  # “Ekho Moskvy,” August 3
            lead, rest = lead[: -len(title)].strip(), f"{title} {rest}"
        run_is_dated = bool(run.days or run.was_accessed)
        if not rest:
            run.points = run.points or points
            run.notes.append(lead)
        elif run.outlets and _links_to(rest, run.outlets[-1].text) and run.add_link(_url(rest)):
            continue
        elif run.outlets and _is_remark(rest, is_dated=run_is_dated):
            run.notes.append(part.text)
        else:
            if run_is_dated:
                if not _has_date(parts[place:]) and not (names.is_site(rest) or known(rest)):
                    _set_aside(run, rest)
                    continue
                run.end = parts[place - 1].end
                run = Run(part.start, item[-1].end)
                found.append(run)
            run.points = run.points or points
            if lead:
                run.notes.append(lead)
            _add_outlet(run, part, rest, known)
    first = found[0]
    if first.days and not first.outlets and not first.is_lost and previous and previous.outlets:
        first.outlets.append(previous.outlets[-1])
        first.notes = [*previous.notes, *first.notes]
        first.points, first.follows = previous.points, True
    return found


def _add_outlet(run: Run, part: Part, printed: str, known: Known) -> None:
    name, day = (printed, "") if known(printed) else dates.split_last(printed)
    name = name.strip(" :,–—-")
    bare = names.unquoted(name)
    name, is_quoted = bare, bare != name
    if names.is_site(name[:-1]) and name.endswith("."):
        name = name[:-1]
    for one in _both(name, known):
        run.outlets.append(Part(one, part.start, part.end, is_quoted))
    if day and (found := _date(day)):
        run.add_day(Part(day, part.start, part.end), found)


def _set_aside(run: Run, rest: str) -> None:
    """Keep a name that no date follows: the other style's author, else nobody knows what."""
    if run.days and run.days[-1].printed.is_numeric:
        run.notes.append(f"author: {rest}")
    else:
        run.unparsed.append(rest)


def _joined(item: list[Part], known: Known) -> list[Part]:
    """Put the parts of a name with a comma together: `Ministry of Energy, Republic of X`."""
    parts: list[Part] = []
    for part in item:
        if parts and parts[-1].text and part.text:
            both = f"{parts[-1].text}, {part.text}"
            is_account = part.text.startswith("@") and _NETWORK.fullmatch(parts[-1].text)
            if _CONTINUES.fullmatch(part.text) or is_account or known(both):
                parts[-1] = Part(both, parts[-1].start, part.end)
                continue
        parts.append(part)
    return parts


def _both(name: str, known: Known) -> list[str]:
    """Split `TASS and Interfax` where both are known and the whole is not."""
    one_and_other = _AND.split(name)
    if len(one_and_other) > 1 and not known(name) and all(map(known, one_and_other)):
        return one_and_other
    return [name]


def _date(text: str) -> Printed | None:
    return dates.read(_LEADING_AND.sub("", text))


def _has_date(parts: list[Part]) -> bool:
    return any(_date(part.text) or dates.split_last(part.text)[1] for part in parts)


def _is_remark(text: str, *, is_dated: bool) -> bool:
    return names.is_beside(text) or (is_dated and text[0].islower() and not names.is_site(text))


def _url(text: str) -> str:
    return text.rstrip(".!?")


def _links_to(link: str, outlet: str) -> bool:
    """Return whether `link` is one, of an outlet's report and not of another outlet."""
    if not names.is_link(link) or names.is_link(outlet):
        return False
    return not names.is_site(outlet) or names.host(outlet) == names.host(link)
