"""Date texts, in which a date is stored as precisely as it is known: `2021-08-20` or `2021`."""

import re
from datetime import date

_DATE_TEXT = re.compile(
    # `\d` would also match the digits of other scripts, which no column stores.
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"|--(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
)


def is_date_text(text: str) -> bool:
    """Return whether `text` is `2021-08-20`, `--08-20`, `2021-08`, `2021` or empty."""
    if not text:
        return True
    match = _DATE_TEXT.fullmatch(text)
    if not match:
        return False
    part = {name: int(value) for name, value in match.groupdict().items() if value}
    try:
        # 2000 is a leap year: 29 February of an unknown year may be right.
        date(
            part.get("year", 2000),
            part.get("month", part.get("m", 1)),
            part.get("day", part.get("d", 1)),
        )
    except ValueError:
        return False
    return True


def full_date(date_text: str) -> date | None:
    """Return the date of a full date text; None if its day, month or year is missing."""
    is_full = len(date_text) == 10 and is_date_text(date_text)
    return date.fromisoformat(date_text) if is_full else None
