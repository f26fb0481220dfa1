"""Runs of a citation group: outlets with the dates that they share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from factcheck.imports import printed_dates
from factcheck.imports.printed_dates import PrintedDate

# Tells whether a printed name is an outlet's.
IsOutlet = Callable[[str], bool]


class Part(NamedTuple):
    """The text between two commas, and its offsets."""

    text: str
    start: int
    end: int
    is_quoted: bool = False


@dataclass(slots=True)
class Day:
    printed: PrintedDate
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
    numbers: list[Part] = field(default_factory=list)  # days whose month follows later
    is_outlet_lost: bool = False  # the outlet's name is missing in the text
    has_pointer: bool = False  # a word like `see`, after which no date is needed
    is_access_day: bool = False  # its date is that on which the page was read
    is_access_noted: bool = False
    is_historic: bool = False  # an event before 1900, which no outlet reported
    # It has the outlet of the run before it, or belongs to the same item.
    continues_previous: bool = False
    is_titled: bool = False  # a title stands next to the outlet

    def add_day(self, part: Part, printed: PrintedDate) -> None:
        """Add a date. A bare number or year completes its neighbours: `15, 16 August, 2021`."""
        before = self.days[-1].printed if self.days else None
        if printed.month is None and printed.day is not None:  # a bare number
            if before is None or before.month is None:
                self.numbers.append(part)
                return
            month = before.last_month or before.month
            printed = printed._replace(month=month, year=before.year)
        elif printed.month is None and before and before.month and not before.final_year:
            self.days[-1].printed = before.with_final_year(printed.year)
            return
        if self.numbers and part.text[0].isdigit():  # 15, 16 августа
            for number in self.numbers:
                day = printed_dates.parse(number.text)
                self.days += [Day(day._replace(month=printed.month), number)] if day else []
            self.numbers.clear()
        if printed.is_possible:
            self.days.append(Day(printed, part))
        else:
            self.unparsed.append(part.text)

    def add_link(self, link: str) -> bool:
        """Add a link to the last date, or else the last outlet; return False if it has one."""
        if not self.days:
            return self.links.setdefault(len(self.outlets) - 1, link) is link
        day = self.days[-1]
        is_free = not day.link
        day.link = day.link or link
        return is_free
