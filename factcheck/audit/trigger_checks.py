"""Checks and repairs of the triggers."""

from collections.abc import Iterator

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.utils.translation import gettext as _

from factcheck import search, triggers
from factcheck.triggers import Fault, Problem

# The problems that installing the triggers again solves.
_SOLVED_BY_INSTALLING = {Problem.MISSING, Problem.NO_TABLE, Problem.ALTERED, Problem.DISABLED}


def trigger_faults(*, using: str = DEFAULT_DB_ALIAS) -> list[Fault]:
    """Return the faults of all triggers, including those of the search index."""
    return triggers.faults(using, more_triggers=search.triggers(using))


def faults(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    for fault in trigger_faults(using=using):
        yield sentence_for(fault)


def sentence_for(fault: Fault) -> str:
    """Return a sentence that names the problem and says what to do."""
    names = {"name": fault.name, "where": fault.where}
    if fault.problem == Problem.SETTING and not fault.where:
        return (
            _("the server's setting %(name)s silences triggers. Remove it from its configuration.")
            % names
        )
    return _SENTENCES[fault.problem]() % names


_SENTENCES = {
    Problem.MISSING: lambda: _(
        "trigger %(name)s is missing. Run check_data --fix, which installs it."
    ),
    Problem.NO_TABLE: lambda: _(
        "table %(name)s is missing, without which nothing can be saved. Run check_data --fix, which"
        " creates it."
    ),
    Problem.ALTERED: lambda: _(
        "trigger %(name)s is not what Factcheck installs. Run check_data --fix, which installs it"
        " again, and find out who changed it."
    ),
    Problem.DISABLED: lambda: _(
        "trigger %(name)s is disabled. Run check_data --fix, which installs it again, and find out"
        " who disabled it."
    ),
    Problem.FOREIGN_TRIGGER: lambda: _(
        "trigger %(name)s of table %(where)s does not belong to Factcheck. If you do not know what"
        " it is for, remove it: DROP TRIGGER."
    ),
    Problem.FOREIGN_RULE: lambda: _(
        "rule %(name)s of table %(where)s does not belong to Factcheck. If you do not know what it"
        " is for, remove it: DROP RULE."
    ),
    Problem.UNCHECKED_KEY: lambda: _(
        "foreign key %(name)s is not checked, because triggers of table %(where)s are disabled."
        " Run check_data --fix as the database's superuser, which enables them."
    ),
    Problem.LOADING: lambda: _(
        "table factcheck_loading has a record, so statuses, counts and search stand still. Run"
        " check_data --fix, which removes it."
    ),
    Problem.SETTING: lambda: _(
        "the setting %(name)s of “%(where)s” silences triggers. Remove it: ALTER ROLE or ALTER"
        " DATABASE … RESET."
    ),
}


def fix(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Install the triggers again, and yield what was done."""
    faults = trigger_faults(using=using)
    if not faults:
        return
    try:
        with transaction.atomic(using=using):
            done = _install(using, faults)
    except DatabaseError as error:
        first_line = str(error).partition("\n")[0]
        yield (
            _(
                "The triggers could not be installed (%s). On PostgreSQL, run the command as the"
                " role that owns the tables."
            )
            % first_line
        )
        return
    yield from done
    for table in sorted(
        {fault.where for fault in faults if fault.problem == Problem.UNCHECKED_KEY}
    ):
        yield from _enable(using, table)


def _install(using: str, faults: list[Fault]) -> list[str]:
    problems = {fault.problem for fault in faults}
    of_search = sorted({fault.name for fault in faults} & set(search.triggers(using)))
    done = []
    if problems & _SOLVED_BY_INSTALLING:
        triggers.install(using)
        done.append(_("Installed the triggers again."))
    if Problem.LOADING in problems:
        triggers.resume(using)
        done.append(_("Removed the record of factcheck_loading."))
    if of_search:
        with connections[using].cursor() as cursor:
            for name in of_search:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        search.install(using)
    return done


def _enable(using: str, table: str) -> Iterator[str]:
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
    except DatabaseError:
        return  # Only a superuser may do this. The next check reports it again.
    yield _("Enabled the triggers of table %s.") % table
