"""Checks of the database: derived values, triggers, the log, and the engine itself."""

from factcheck.audit.consistency import Difference, differences, faults, fix
from factcheck.audit.engine import notes
from factcheck.audit.health import check_health
