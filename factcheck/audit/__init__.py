"""Whether the database still says what its rows say, and its log what it once said."""

from factcheck.audit.consistency import Difference, differences, faults, fix
from factcheck.audit.engine import notes
from factcheck.audit.health import Health, check_health

__all__ = ["Difference", "Health", "check_health", "differences", "faults", "fix", "notes"]
