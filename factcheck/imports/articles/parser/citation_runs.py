"""Runs: the outlets of a citation group with the dates that they share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from factcheck.imports import printed_dates
from factcheck.imports.printed_dates import Printed

# Says whether a printed name is an outlet's.
IsOutlet = Callable[[str], bool]


class Part(NamedTuple):
    """The text between two commas, and its place."""

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
    """Outlets and the dates that they share."""

    start: int
    end: int
    outlets: list[Part] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: dict[int, str] = field(default_factory=dict)  # by index of the outlet
    unparsed: list[str] = field(default_factory=list)
    numbers: list[Part] = field(default_factory=list)  # days whose month is still to come
    is_outlet_lost: bool = False  # its name is missing in print
    has_pointer: bool = False  # it says `see`: it cites without a date
    is_access_day: bool = False  # its day is that of reading the page
    is_access_noted: bool = False
    is_historic: bool = False  # an event of a year before there were outlets
    continues_previous: bool = (
        False  # takes the outlet of the run before it, or is of one item with it
    )
    is_titled: bool = False  # a title stands beside the outlet

    def add_day(self, part: Part, printed: Printed) -> None:
        """Add a date. A bare number or year completes those beside it: `15, 16 August, 2021`."""
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
        if printed.is_possible:
            self.days.append(Day(printed, part))
        else:
            self.unparsed.append(part.text)

    def add_link(self, link: str) -> bool:
        """Give the last day, or else the last outlet, its link; return False if it has one."""
        if not self.days:
            return self.links.setdefault(len(self.outlets) - 1, link) is link
        day = self.days[-1]
        is_free = not day.link
        day.link = day.link or link
        return is_free
