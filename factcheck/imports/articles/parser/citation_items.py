"""The inside of a citation group: items parted at `;`, each a run of outlets, days and remarks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from factcheck.imports import outlet_names, printed_dates
from factcheck.imports.printed_dates import MONTH, Printed

# Says whether a printed name is an outlet's.
Known = Callable[[str], bool]

_TOKEN = re.compile(
    # What holds commas of its own.
    r"(?P<whole>https?://\S*[^\s,;.!?]|“[^“”]*”|«[^«»]*»|„[^„“”]*[“”]|\"[^\"]*\""
    rf"|{MONTH}\s*\d\d?,\s*\d{{4}}\s*-\s*{MONTH}\s*\d\d?(?:,\s*\d{{4}})?)"
    r"|(?P<item>;)"
    # A comma, a lost separator (`January 20, 2021May 12, 2021`), `August 15 and 16`.
    rf"|(?P<part>,|(?<=(?:19|20)\d\d)(?={MONTH}\s*\d)|(?<=[a-z]\s\d)(?={MONTH}\s*\d)"
    rf"|(?<=\d)\s+(?:and|&|и|және)\s+(?=\d|{MONTH})"
    # American commas stand inside the quotation marks: `“One,” “Two,” August 3`.
    r"|(?<=,[”\"»])\s+(?=[“\"«„]))",
    re.I,
)
_ACCESSED = re.compile(
    r"((?:last )?(?:accessed|retrieved|viewed|visited|consulted)|дата обращения)\b[:\s]*(.*)", re.I
)
_DAY_NAME = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.I)
_CONTINUES = re.compile(
    r"(?:inc|ltd|llc|plc|jr|d\.?c|the)\.?|(?:republic|state|kingdom|government|office) of\b.*", re.I
)
_PAST = re.compile(r"1[0-8]\d\d")
_ADDRESS = re.compile(r"\w[./]\w|//")
_OF = frozenset({"of", "on", "from", "dated", "от"})
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
    is_access_day: bool = False  # the day is that of reading
    is_access_noted: bool = False
    is_past: bool = False  # an event before there were outlets
    follows: bool = False  # takes the outlet of the run before it, or is of one item with it
    is_titled: bool = False  # a title stands beside the outlet

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
                day = printed_dates.read(number.text)
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

    for token in _TOKEN.finditer(content.translate(printed_dates.DASHES)):
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
    return _ItemReader(item, previous, known).read()


class _ItemReader:
    """Reads an item part by part into runs: a name behind dates begins the next one."""

    def __init__(self, item: list[Part], previous: Run | None, known: Known) -> None:
        self.previous, self.known = previous, known
        self.parts = _joined(item, known)
        self.end = item[-1].end
        self.runs = [Run(item[0].start, self.end)]
        dated = (place for place, part in enumerate(self.parts) if _has_date(part.text))
        self.last_dated = max(dated, default=-1)

    def read(self) -> list[Run]:
        for place, part in enumerate(self.parts):
            run = self.runs[-1]
            if not part.text:
                run.is_lost = run.is_lost or (place == 0 and len(self.parts) > 1)
            elif not self._take_date(run, part):
                self._take_words(run, place, self._behind_date(run, part))
        first, before = self.runs[0], self.previous
        if first.days and not first.outlets and not first.is_lost and before and before.outlets:
            if not before.days:  # `Kyiv Post; June 8`
                before.days, before.end = first.days, first.end
                return self.runs[1:]
            first.outlets.append(before.outlets[-1])
            first.notes = [*before.notes, *first.notes]
            first.points, first.follows = before.points, True
        return self.runs

    def _take_date(self, run: Run, part: Part) -> bool:
        if accessed := _ACCESSED.fullmatch(part.text):
            # A page without a day of its own is cited as it stood on the day it was read.
            day = None if run.days else _date(accessed[2])
            run.notes.append(accessed[1].casefold() if day else part.text)
            run.is_access_noted = not day
            if day:
                run.is_access_day = True
                run.add_day(Part(accessed[2], part.start, part.end), day)
        elif printed := _date(part.text):
            if run.is_access_noted:
                run.notes[-1] += f", {part.text}"
            else:
                run.add_day(part, printed)
        elif printed_dates.is_impossible(part.text):
            run.unparsed.append(part.text)
        elif run.days and _PAST.fullmatch(part.text):
            run.is_past = True
        else:
            return bool(_DAY_NAME.fullmatch(part.text))
        return True

    def _behind_date(self, run: Run, part: Part) -> Part:
        """Take the date that a part begins with; return what stands behind it."""
        day, rest = printed_dates.split_first(part.text)
        if not day or not (printed := _date(day)):
            return part
        run.add_day(part, printed)
        return Part(rest.strip(" :;/|.–—-"), part.start, part.end)

    def _take_words(self, run: Run, place: int, part: Part) -> None:
        if not part.text:
            return
        lead, rest, points = outlet_names.split_lead(_LEADING_AND.sub("", part.text))
        if _date(rest) and (title := outlet_names.quoted_last(lead)):  # “Ekho Moskvy,” August 3
            lead, rest = lead[: -len(title)].strip(), f"{title} {rest}"
        is_dated = bool(run.days)
        if not rest:
            run.points = run.points or points
            run.notes.append(lead)
        elif run.outlets and _links_to(rest, run.outlets[-1].text) and run.add_link(_url(rest)):
            pass
        elif not self.known(rest) and _is_remark(rest, is_dated=is_dated):
            run.notes.append(part.text)
        elif is_dated and not self._begins_run(place, rest):
            _set_aside(run, rest)
        else:
            if is_dated:
                run.end = self.parts[place - 1].end
                run = Run(part.start, self.end, follows=True)
                self.runs.append(run)
            run.points = run.points or points
            run.notes += [lead] if lead else []
            self._add_outlet(run, part, rest)

    def _begins_run(self, place: int, name: str) -> bool:
        return place <= self.last_dated or outlet_names.is_site(name) or self.known(name)

    def _add_outlet(self, run: Run, part: Part, printed: str) -> None:
        if _SAME.fullmatch(printed):
            if self.previous and self.previous.outlets:
                run.outlets.append(self.previous.outlets[-1])
            else:
                run.unparsed.append(printed)
            return
        name, day = (printed, "") if self.known(printed) else printed_dates.split_last(printed)
        if (
            day.split()[:1]
            and day.split()[0].casefold() in _OF
            and not outlet_names.is_site(name.strip())
        ):
            name, day = printed, ""  # `Decree of June 3` is no outlet's
        name = name.strip(" :,–—-")
        if (
            name.count(".") == 1
            and name.endswith(".")
            and not _CONTINUES.fullmatch(name.split()[-1])
        ):
            name = name[:-1]
        bare = outlet_names.unquoted(name)
        is_quoted = bare != name
        if outlet_names.is_site(bare[:-1]) and bare.endswith("."):
            bare = bare[:-1]
        if is_quoted and self._is_title(run, bare):
            run.notes.append(name)
            run.is_titled = True
        else:
            for one in _both(bare, self.known):
                run.outlets.append(Part(one, part.start, part.end, is_quoted))
        if day and (found := _date(day)):
            run.add_day(Part(day, part.start, part.end), found)

    def _is_title(self, run: Run, quoted: str) -> bool:
        """Return whether a quotation is of what the outlet before it reported.

        `ТАСС, «Российская газета»` are two outlets: a title has more words than two.
        """
        is_name = len(quoted.split()) < 3 or self.known(quoted)
        return bool(run.outlets) and not run.outlets[-1].is_quoted and not is_name


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
    """Split `TASS and Interfax` where each is known or a site, and the whole is not known."""
    both = _AND.split(name)
    if (
        len(both) > 1
        and not known(name)
        and all(known(one) or outlet_names.is_site(one) for one in both)
    ):
        return both
    return [name]


def _date(text: str) -> Printed | None:
    return printed_dates.read(_LEADING_AND.sub("", text))


def _has_date(text: str) -> bool:
    return bool(_date(text) or printed_dates.split_last(text)[1])


def _is_remark(text: str, *, is_dated: bool) -> bool:
    """Return whether `text` is prose beside a citation: no capital in it, or a date before it."""
    if outlet_names.is_beside(text):
        return True
    if outlet_names.is_site(text) or not text[0].islower():
        return False
    return is_dated or (text == text.lower() and not _ADDRESS.search(text))


def _url(text: str) -> str:
    return text.rstrip(".!?")


def _links_to(link: str, outlet: str) -> bool:
    """Return whether `link` is one, of an outlet's report and not of another outlet."""
    if not outlet_names.is_link(link) or outlet_names.is_link(outlet):
        return False
    return not outlet_names.is_site(outlet) or outlet_names.host(outlet) == outlet_names.host(link)
