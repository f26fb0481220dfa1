"""Signal receivers for saves, migrations and a replaced database file, one for each job.

Triggers keep counts, statuses and the change log. The receivers do what needs Python: folding
names, stemming words, and the parts of `loaddata` that Django leaves to us.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from factcheck import bulk_history, caches, data_version, models, public_record, triggers
from factcheck.db import planner, sqlite_locking
from factcheck.db.database_file import file_replaced
from factcheck.editing import roles

_logger = logging.getLogger(__name__)

# The models whose names and words are part of search documents.
_SEARCHED_MODELS = (
    models.Article,
    models.Citation,
    models.Claim,
    models.Claimant,
    models.Outlet,
    models.OutletAlias,
    models.Topic,
)


@receiver(pre_save, sender=models.OutletAlias)
def replace_automatic_alias(
    instance: models.OutletAlias, using: str, *, raw: bool, **kwargs: Any
) -> None:
    """Delete an alias that saving its outlet created, when `loaddata` loads the same one.

    The fixture's alias has another id, and the two would break the alias's uniqueness.
    """
    if raw:
        aliases = models.OutletAlias.objects.using(using)
        same = aliases.filter(outlet=instance.outlet_id, key=instance.key)
        same.exclude(pk=instance.pk).delete()


@receiver(post_save, sender=models.FacetIndex)
def discard_loaded_facet_index(
    instance: models.FacetIndex, using: str, *, raw: bool, **kwargs: Any
) -> None:
    """Delete a facet index that was loaded from a fixture: it holds the ids of another database."""
    if raw:
        instance.delete(using=using)


@receiver(post_save)
def advance_id_sequence(
    sender: Any, instance: Any, using: str, *, raw: bool, **kwargs: Any
) -> None:
    """Advance the id sequence past a loaded row of a log or history: PostgreSQL would reuse its id.

    `loaddata` resets sequences only at its end; log entries are added while it runs.
    """
    is_log = sender._meta.app_label == "factcheck" and not hasattr(sender, "natural_key")
    if raw and using == DEFAULT_DB_ALIAS and is_log and sender is not models.FacetIndex:
        from factcheck.db.sequences import skip_ids

        skip_ids(sender, instance.pk)


@receiver(post_save)
def record_loaded_version(
    sender: Any, instance: Any, using: str, *, created: bool, raw: bool, **kwargs: Any
) -> None:
    """Write the history entry of a loaded record, which simple_history does not do."""
    if (
        raw
        and using == DEFAULT_DB_ALIAS
        and (created or bulk_history.has_changed_since_last_version(instance))
    ):
        bulk_history.record_versions(
            sender, [instance.pk], history_type="+" if created else "~", reason="loaded"
        )


@receiver(post_save, sender=models.Outlet)
def add_own_aliases(instance: models.Outlet, **kwargs: Any) -> None:
    """Keep an outlet's own names among its aliases: their keys are folded in Python."""
    instance.sync_own_aliases()


@receiver(post_save)
def index_after_commit(sender: Any, using: str, **kwargs: Any) -> None:
    """Renew the search documents that a save has queued, once for each transaction.

    The first call renews all of them and leaves nothing for the next ones. If another process is
    writing, or if it fails, search reads the queue itself: an editor does not wait for it.
    """
    if sender in _SEARCHED_MODELS:
        from factcheck import search

        # Not a partial: Django logs an error by the name of the function.
        def drain() -> None:
            with sqlite_locking.skip_if_locked(using=using):
                search.drain(using=using, limit=search.DRAIN_BATCH)

        transaction.on_commit(drain, using=using, robust=True)


@receiver(file_replaced)
def clear_caches(**kwargs: Any) -> None:
    """Clear every cache of this process after the database file was replaced.

    The new file may be an older copy, whose changes would get version numbers that were used
    before. So it also gets a new database id.
    """
    ContentType.objects.clear_cache()
    caches.clear_all()
    try:
        data_version.initialise(reset=True)
    except DatabaseError as error:
        _logger.warning("The new database file keeps its database id: %s", error)


# Receivers around migrations. `apps.py` connects them, for migrations of this application only.


def remove_triggers(using: str, **kwargs: Any) -> None:
    """Remove the triggers, because SQLite cannot alter a table that a trigger names."""
    triggers.remove(using)


def install_triggers(using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
    from factcheck import search

    triggers.install(using)
    search.install(using)
    # While the triggers were away, nothing logged what the migration changed.
    data_version.initialise(reset=bool(plan))


def install_roles(using: str, **kwargs: Any) -> None:
    roles.install(using)


def analyze_tables(using: str, **kwargs: Any) -> None:
    """Give the planner statistics of the tables that have none."""
    tables = connections[using].introspection.django_table_names(only_existing=True)
    planner.analyze_if_missing(tables, using=using)


def begin_public_records(using: str, **kwargs: Any) -> None:
    """Begin the record of each public claim that has none, as it stands today."""
    if models.Verification._meta.db_table in connections[using].introspection.table_names():
        public_record.begin_missing(using=using)
