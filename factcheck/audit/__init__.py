"""Whether the database still says what its rows say, and its log what it once said."""

from factcheck.audit.data import Difference, differences, faults, fix

__all__ = ["Difference", "differences", "faults", "fix"]
