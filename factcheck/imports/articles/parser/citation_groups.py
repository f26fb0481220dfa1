"""Finds citation groups: `(Tengrinews.kz, August 20; Akorda.kz, August 15, 16)`.

The form of names, places and events decides whether a parenthesis cites (`outlet_names`). A caller
that knows outlets can help to choose between readings. The parser never fails, and takes linear
time.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date

from factcheck.imports import outlet_names, printed_dates
from factcheck.imports.articles.parser.citation_items import read_runs, split_items
from factcheck.imports.articles.parser.citation_runs import Day, IsOutlet, Part, Run
from factcheck.imports.articles.parser.named_in_sentence import find_outlet_before
from factcheck.imports.articles.parser.parentheses import BREAK, find_parentheses, unclosed_end
from factcheck.imports.articles.records import (
    CitationGroup,
    CitationRecord,
    FoundGroups,
    Link,
    Span,
)

# A longer or more deeply nested parenthesis is prose.
MAX_LENGTH = 5_000
MAX_DEPTH = 4

_MAY_CITE = re.compile(r"\d|\.\w|\b(?:see|cf|compare|см|қараңыз|қар)\b", re.I)
_NESTED = re.compile(r"(?<=[\s,;])[(\[]([^()\[\]]*)[)\]]")
_CUT_OFF = re.compile(r"(?:\.\.+|…)(?:\s*\w+)?\s*$")
_LINE_BREAK = re.compile(BREAK)


def find_groups(
    text: str,
    published: str | None = None,
    *,
    is_outlet: IsOutlet = lambda name: False,
    links: Sequence[Link] = (),
) -> FoundGroups:
    """Return the citation groups of `text`, and the parentheses that cite nothing.

    `published` is the date of the text (`2021-09-10`, `2021-09`, `2021`): a date without a year
    gets the latest year that is not after it. ArticleError if it is none of these. `is_outlet`
    tells whether a printed name is an outlet's; `links` are those of the page with the text.
    """
    reader = _Reader(text, printed_dates.last_day_of(published), is_outlet, links)
    groups: list[CitationGroup] = []
    ignored: list[Span] = []
    enclosing: list[int] = []  # ends of the ignored parentheses around this one
    covered = 0  # the end of the last group
    for start, end, is_closed in find_parentheses(text):
        while enclosing and enclosing[-1] <= start:
            enclosing.pop()
        if start < covered or len(enclosing) >= MAX_DEPTH:
            continue
        group = reader.group(start, end, is_closed=is_closed)
        is_doubtful = group is None or group.unparsed
        if is_doubtful and is_closed and _LINE_BREAK.search(text, start, min(end, start + 500)):
            # The closing parenthesis may belong to another line.
            cut = reader.group(start, min(unclosed_end(text, start), end), is_closed=False)
            group = cut if cut and not cut.unparsed else group
        if group:
            groups.append(group)
            covered = group.end
        elif is_closed:
            ignored.append(Span(text[start:end], start, end))
            enclosing.append(end)
    return FoundGroups(tuple(groups), tuple(ignored))


class _Reader:
    """Reads one parenthesis of a text at a time."""

    def __init__(
        self, text: str, latest: date | None, is_outlet: IsOutlet, links: Sequence[Link]
    ) -> None:
        self.text, self.latest, self.is_outlet, self.links = text, latest, is_outlet, links

    def group(self, start: int, end: int, *, is_closed: bool) -> CitationGroup | None:
        inner = end - 1 if is_closed else end
        if end - start > MAX_LENGTH or not _MAY_CITE.search(self.text, start + 1, inner):
            return None
        content = self.text[start + 1 : inner]
        remarks = [(start + 1 + match.start(), match[1]) for match in _NESTED.finditer(content)]
        content = _NESTED.sub(lambda match: " " * len(match[0]), content)
        unparsed: list[str] = []
        runs: list[Run] = []
        previous: Run | None = None
        for item in split_items(content, start + 1):
            raw = self.text[item[0].start : item[-1].end]
            if _CUT_OFF.search(raw) or outlet_names.is_authors_own(raw):
                unparsed.append(raw)
                previous = None
            else:
                runs += read_runs(item, previous, self.is_outlet)
                previous = runs[-1]
        raw = self.text[start:end]
        if any(map(self._cites, runs)):
            self._add_remarks(runs, remarks)
            citations = tuple(self._citations(runs, unparsed))
            return CitationGroup(raw, start, end, citations, tuple(unparsed))
        outlet = self._named_before(runs[0], start, end) if len(runs) == 1 else None
        if outlet and not unparsed:
            runs[0].outlets.append(outlet)
            runs[0].start, runs[0].end = outlet.start, end
            self._add_remarks(runs, remarks)
            return CitationGroup(raw, start, end, tuple(self._citations(runs, unparsed)))
        if unparsed and _begins_like_citation(unparsed[0]):
            return CitationGroup(raw, start, end, (), tuple(unparsed))
        return None

    def _is_name(self, part: Part) -> bool:
        return (
            (part.is_quoted and not part.text[:1].islower())
            or self.is_outlet(part.text)
            or outlet_names.is_name(part.text)
        )

    def _cites(self, run: Run) -> bool:
        """Return whether a run is evidence that its parenthesis cites."""
        if run.is_historic:
            return False
        if run.is_outlet_lost and run.days:
            return True
        days = [day.printed for day in run.days]
        if not days and any(map(outlet_names.is_credit, run.notes)):
            return False
        if any(outlet_names.is_site(outlet.text) for outlet in run.outlets):
            return True
        if not run.outlets or not all(map(self._is_name, run.outlets)):
            return False
        if (
            run.has_pointer
            or run.is_titled
            or run.unparsed
            or any(day.month and day.day for day in days)
        ):
            return True
        # `Foreign Affairs, June 2019` cites; `Ilovaisk, August 2014` tells where and when.
        has_month = any(day.month and day.final_year for day in days)
        if has_month and all(" " in outlet.text for outlet in run.outlets):
            return True
        return bool(days) and any(self.is_outlet(outlet.text) for outlet in run.outlets)

    def _is_undated_name(self, run: Run, following: Run | None) -> bool:
        """Return whether a run without a date cites too, next to runs that do.

        A lone name before `see ...` explains the words before the parenthesis, and does not cite.
        """
        if run.days or not run.outlets or not all(map(self._is_name, run.outlets)):
            return False
        return not (following and following.has_pointer)

    def _named_before(self, run: Run, start: int, end: int) -> Part | None:
        days = [day.printed for day in run.days]
        is_plain = not (run.outlets or run.notes or run.unparsed or run.numbers)
        if not is_plain or not days or not all(day.day and not day.last_day for day in days):
            return None
        return find_outlet_before(self.text, start, end, self.is_outlet)

    def _add_remarks(self, runs: list[Run], remarks: list[tuple[int, str]]) -> None:
        """Add each parenthesis within the group to the notes of its run."""
        for position, remark in remarks:
            run = next((run for run in reversed(runs) if run.start <= position), runs[0])
            run.notes.append(" ".join(remark.split()))

    def _citations(self, runs: list[Run], unparsed: list[str]) -> Iterator[CitationRecord]:
        _apply_final_years(runs, self.latest)
        for run, following in zip(runs, [*runs[1:], None], strict=True):
            raw = self.text[run.start : run.end]
            if not (self._cites(run) or self._is_undated_name(run, following)):
                unparsed += [raw] if raw else []
                continue
            unparsed += [*run.unparsed, *(number.text for number in run.numbers)]
            note = ", ".join(run.notes)
            outlets: list[tuple[int, Part | None]] = []
            for index, part in enumerate(run.outlets):
                if self._is_name(part):
                    outlets.append((index, part))
                else:
                    unparsed.append(part.text)
            for index, outlet in outlets or [(0, None)]:
                name = outlet.text if outlet else None
                link = run.links.get(index) or (outlet_names.report_link(name) if name else None)
                link = link or (outlet and self._link_over(outlet))
                days: Sequence[Day | None] = run.days or [None]
                for day in days:
                    first, last = (
                        printed_dates.resolve(day.printed, self.latest) if day else (None, None)
                    )
                    url = (day and self._link_of(day, run)) or link
                    yield CitationRecord(
                        name,
                        first,
                        last,
                        url,
                        note,
                        raw,
                        run.start,
                        run.end,
                        f"{outlet_names.outlet_key(name or '')} {_printed_date(day, first)}",
                        run.is_access_day,
                    )

    def _link_of(self, day: Day, run: Run) -> str | None:
        """Return the link of one date's report; a link over a shared date is ignored."""
        return day.link or (self._link_over(day.part) if len(run.outlets) < 2 else None)

    def _link_over(self, part: Part) -> str | None:
        index = bisect_right(self.links, part.start, key=lambda link: link.end)
        if index < len(self.links) and self.links[index].start < part.end:
            return self.links[index].url
        return None


def _printed_date(day: Day | None, first: str | None) -> str:
    """Return a date text without a year that was only inferred."""
    return first or "" if day and day.printed.final_year else printed_dates.without_year(first)


def _apply_final_years(runs: list[Run], latest: date | None) -> None:
    """Apply the year at the end of a list of dates to all of the list."""
    year: int | None = None
    for run, following in reversed(list(zip(runs, [*runs[1:], None], strict=True))):
        if following is None or not following.continues_previous:
            year = None
        for day in reversed(run.days):
            printed = day.printed
            if printed.final_year:
                year = printed.final_year
            elif year and printed.month:
                day.printed = printed.with_final_year(year)
                first, _last = printed_dates.resolve(day.printed, latest)
                if latest and first and first[:10] > latest.isoformat():
                    day.printed = printed.with_final_year(year - 1)


def _begins_like_citation(raw: str) -> bool:
    """Return whether a piece that was cut off began as a citation."""
    first = raw.split(",")[0].strip()
    return outlet_names.is_site(first) or outlet_names.split_lead(raw)[2]
