"""Splits a citation group at `;` into items, and reads each into runs of outlets and dates."""

import re
from collections.abc import Iterator

from factcheck.imports import outlet_names, printed_dates
from factcheck.imports.articles.parser.citation_runs import IsOutlet, Part, Run
from factcheck.imports.printed_dates import MONTH, PrintedDate

_TOKEN = re.compile(
    # Parts in which commas separate nothing.
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
_NAME_CONTINUATION = re.compile(
    r"(?:inc|ltd|llc|plc|jr|d\.?c|the)\.?|(?:republic|state|kingdom|government|office) of\b.*", re.I
)
_HISTORIC_YEAR = re.compile(r"1[0-8]\d\d")
_ADDRESS = re.compile(r"\w[./]\w|//")
_BEFORE_DATES = frozenset({"of", "on", "from", "dated", "от"})
_IBID = re.compile(r"(?:ibid|idem|там же|сонда)\.?", re.I)
_NETWORK = re.compile(r"(?:twitter|x|telegram|facebook|instagram|vk|youtube|tiktok)", re.I)
_AND = re.compile(r"\s+(?:and|&|и|және)\s+")
_LEADING_AND = re.compile(r"^(?:and|&|и|және)\s+(?=\S)")


def split_items(content: str, offset: int) -> Iterator[list[Part]]:
    """Yield the items of a group's content, each as its parts between commas."""
    item: list[Part] = []
    start = 0

    def part(end: int) -> Part:
        raw = content[start:end]
        first = offset + start + len(raw) - len(raw.lstrip())
        return Part(" ".join(raw.split()), first, first + len(raw.strip()))

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


def read_runs(item: list[Part], previous: Run | None, is_outlet: IsOutlet) -> list[Run]:
    """Return the runs of one item; dates without an outlet take that of the `previous` run."""
    return _ItemReader(item, previous, is_outlet).read()


class _ItemReader:
    """Reads an item part by part; a name after dates begins the next run."""

    def __init__(self, item: list[Part], previous: Run | None, is_outlet: IsOutlet) -> None:
        self.previous, self.is_outlet = previous, is_outlet
        self.parts = _join_names(item, is_outlet)
        self.end = item[-1].end
        self.runs = [Run(item[0].start, self.end)]
        dated = (index for index, part in enumerate(self.parts) if _has_date(part.text))
        self.last_dated = max(dated, default=-1)

    def read(self) -> list[Run]:
        for index, part in enumerate(self.parts):
            run = self.runs[-1]
            if not part.text:
                run.is_outlet_lost = run.is_outlet_lost or (index == 0 and len(self.parts) > 1)
            elif not self._take_date(run, part):
                self._take_words(run, index, self._take_leading_date(run, part))
        first, before = self.runs[0], self.previous
        if (
            first.days
            and not first.outlets
            and not first.is_outlet_lost
            and before
            and before.outlets
        ):
            if not before.days:  # `Kyiv Post; June 8`
                before.days, before.end = first.days, first.end
                return self.runs[1:]
            first.outlets.append(before.outlets[-1])
            first.notes = [*before.notes, *first.notes]
            first.has_pointer, first.continues_previous = before.has_pointer, True
        return self.runs

    def _take_date(self, run: Run, part: Part) -> bool:
        if accessed := _ACCESSED.fullmatch(part.text):
            # Without a date of publication, the citation gets the date on which the page was read.
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
        elif run.days and _HISTORIC_YEAR.fullmatch(part.text):
            run.is_historic = True
        else:
            return bool(_DAY_NAME.fullmatch(part.text))
        return True

    def _take_leading_date(self, run: Run, part: Part) -> Part:
        """Add the date that a part begins with to the run; return the part without it."""
        day, words = printed_dates.split_leading_date(part.text)
        if not day or not (printed := _date(day)):
            return part
        run.add_day(part, printed)
        return Part(words.strip(" :;/|.–—-"), part.start, part.end)

    def _take_words(self, run: Run, index: int, part: Part) -> None:
        if not part.text:
            return
        lead, name, has_pointer = outlet_names.split_lead(_LEADING_AND.sub("", part.text))
        if _date(name) and (title := outlet_names.last_quotation(lead)):  # “Ekho Moskvy,” August 3
            lead, name = lead[: -len(title)].strip(), f"{title} {name}"
        is_dated = bool(run.days)
        if not name:
            run.has_pointer = run.has_pointer or has_pointer
            run.notes.append(lead)
        elif self._take_link(run, name):
            pass
        elif not self.is_outlet(name) and _is_remark(name, is_dated=is_dated):
            run.notes.append(part.text)
        elif is_dated and not self._begins_new_run(index, name):
            _add_undated_name(run, name)
        else:
            if is_dated:
                run.end = self.parts[index - 1].end
                run = Run(part.start, self.end, continues_previous=True)
                self.runs.append(run)
            run.has_pointer = run.has_pointer or has_pointer
            run.notes += [lead] if lead else []
            self._add_outlet(run, part, name)

    def _take_link(self, run: Run, text: str) -> bool:
        """Add a link to a report of the last outlet; return whether `text` was added."""
        is_report = run.outlets and _is_report_link(text, run.outlets[-1].text)
        return bool(is_report) and run.add_link(text.rstrip(".!?"))

    def _begins_new_run(self, index: int, name: str) -> bool:
        return index <= self.last_dated or outlet_names.is_site(name) or self.is_outlet(name)

    def _add_outlet(self, run: Run, part: Part, printed: str) -> None:
        if _IBID.fullmatch(printed):
            if self.previous and self.previous.outlets:
                run.outlets.append(self.previous.outlets[-1])
            else:
                run.unparsed.append(printed)
            return
        name, day = (
            (printed, "") if self.is_outlet(printed) else printed_dates.split_trailing_date(printed)
        )
        if (
            day.split()[:1]
            and day.split()[0].casefold() in _BEFORE_DATES
            and not outlet_names.is_site(name.strip())
        ):
            name, day = printed, ""  # `Decree of June 3` is no outlet's
        name = name.strip(" :,–—-")
        if (
            name.count(".") == 1
            and name.endswith(".")
            and not _NAME_CONTINUATION.fullmatch(name.split()[-1])
        ):
            name = name[:-1]
        bare = outlet_names.strip_quotes(name)
        is_quoted = bare != name
        if outlet_names.is_site(bare[:-1]) and bare.endswith("."):
            bare = bare[:-1]
        if is_quoted and self._is_title(run, bare):
            run.notes.append(name)
            run.is_titled = True
        else:
            for outlet in _split_outlets(bare, self.is_outlet):
                run.outlets.append(Part(outlet, part.start, part.end, is_quoted))
        if day and (printed_date := _date(day)):
            run.add_day(Part(day, part.start, part.end), printed_date)

    def _is_title(self, run: Run, quoted: str) -> bool:
        """Return whether a quotation is the title of a report by the outlet before it.

        `ТАСС, «Российская газета»` are two outlets: a title has more words than two.
        """
        is_name = len(quoted.split()) < 3 or self.is_outlet(quoted)
        return bool(run.outlets) and not run.outlets[-1].is_quoted and not is_name


def _add_undated_name(run: Run, name: str) -> None:
    """Add a name that no date follows: after `03/29/23` it is an author, else it is unparsed."""
    if run.days and run.days[-1].printed.is_numeric:
        run.notes.append(f"author: {name}")
    else:
        run.unparsed.append(name)


def _join_names(item: list[Part], is_outlet: IsOutlet) -> list[Part]:
    """Join the parts of names that contain a comma: `Ministry of Energy, Republic of X`."""
    parts: list[Part] = []
    for part in item:
        if parts and parts[-1].text and part.text:
            joined = f"{parts[-1].text}, {part.text}"
            is_account = part.text.startswith("@") and _NETWORK.fullmatch(parts[-1].text)
            if _NAME_CONTINUATION.fullmatch(part.text) or is_account or is_outlet(joined):
                parts[-1] = Part(joined, parts[-1].start, part.end)
                continue
        parts.append(part)
    return parts


def _split_outlets(name: str, is_outlet: IsOutlet) -> list[str]:
    """Split `TASS and Interfax` if each name is an outlet or a site, and the whole is not."""
    names = _AND.split(name)
    if len(names) < 2 or is_outlet(name):
        return [name]
    are_outlets = all(is_outlet(part) or outlet_names.is_site(part) for part in names)
    return names if are_outlets else [name]


def _date(text: str) -> PrintedDate | None:
    return printed_dates.parse(_LEADING_AND.sub("", text))


def _has_date(text: str) -> bool:
    return bool(_date(text) or printed_dates.split_trailing_date(text)[1])


def _is_remark(text: str, *, is_dated: bool) -> bool:
    """Return whether `text` is a remark on a citation: prose in lower case, or after a date."""
    if outlet_names.is_remark(text):
        return True
    if outlet_names.is_site(text) or not text[0].islower():
        return False
    return is_dated or (text == text.lower() and not _ADDRESS.search(text))


def _is_report_link(link: str, outlet: str) -> bool:
    """Return whether `link` is a web address that can belong to the outlet's own report."""
    if not outlet_names.is_link(link) or outlet_names.is_link(outlet):
        return False
    return not outlet_names.is_site(outlet) or outlet_names.host(outlet) == outlet_names.host(link)
