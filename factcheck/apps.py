"""The application: what is installed after each migration, and the one signal."""

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.contrib.admin import checks as admin_checks
from django.core import checks
from django.core.signals import request_started
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, post_save, pre_migrate, pre_save
from django.utils.translation import gettext_lazy as _

_logger = logging.getLogger(__name__)


class FactcheckAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin, with the desk as its first page.

    What registers with it is loaded with the addresses: commands need none of it, and are spared
    half of their start and 30 MB.
    """

    default = False
    default_site = "factcheck.admin_site.FactcheckAdminSite"

    def ready(self) -> None:
        # Not the parent's, which would look before anything has registered.
        checks.register(admin_checks.check_dependencies, checks.Tags.admin)
        checks.register(check_admin, checks.Tags.admin)


def check_admin(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    admin.autodiscover()
    return admin_checks.check_admin_app(app_configs, **kwargs)


class FactcheckConfig(AppConfig):
    default = True  # of the two here
    name = "factcheck"
    verbose_name = _("Fact-checking")

    def ready(self) -> None:
        from factcheck import checks  # noqa: F401
        from factcheck.db import database_file, sqlite_locking

        connection_created.connect(sqlite_locking.install)
        connection_created.connect(database_file.install)
        request_started.connect(database_file.follow)
        database_file.replaced.connect(begin_anew)
        # SQLite rebuilds a table on AlterField, which fails under a trigger that names it.
        pre_migrate.connect(remove_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        post_migrate.connect(install_roles, sender=self)
        post_migrate.connect(tell_planner, sender=self)
        post_migrate.connect(begin_records, sender=self)
        pre_save.connect(make_room)
        post_save.connect(keep_index)


def remove_triggers(using: str, **kwargs: Any) -> None:
    from factcheck import triggers

    triggers.remove(using)


def install_triggers(using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
    from factcheck import change_log, search, triggers

    triggers.install(using)
    search.install(using)
    # Without its triggers nobody noted what a migration changed.
    change_log.begin(anew=bool(plan))


def begin_anew(**kwargs: Any) -> None:
    """Forget what this process knows of the database whose file was replaced by another one.

    That one may be an older copy, which counts its changes by numbers that were used before.
    """
    from django.contrib.contenttypes.models import ContentType

    from factcheck import admin_site, change_log, facets
    from factcheck.filters import records
    from factcheck.search import suggesting
    from factcheck.views import etags

    ContentType.objects.clear_cache()
    for module in (etags, admin_site, records, facets, change_log, suggesting):
        module.forget()
    try:
        change_log.begin(anew=True)
    except DatabaseError as error:
        _logger.warning("The new database file keeps the epoch that it had: %s", error)


def install_roles(using: str, **kwargs: Any) -> None:
    from factcheck.editing import roles

    roles.install(using)


def tell_planner(using: str, **kwargs: Any) -> None:
    from factcheck import sql

    tables = connections[using].introspection.django_table_names(only_existing=True)
    sql.analyze_unknown(tables, using=using)


def begin_records(using: str, **kwargs: Any) -> None:
    """Begin the record of each public claim that has none, as it stands today."""
    from factcheck import public_record
    from factcheck.models import Verification

    columns = connections[using].introspection
    if Verification._meta.db_table not in columns.table_names():
        return
    public_record.begin_missing(using=using)


def make_room(sender: Any, instance: Any, using: str, *, raw: bool, **kwargs: Any) -> None:
    """Let loaddata bring an alias that its outlet's coming has made already, under another id."""
    from factcheck.models import OutletAlias

    if raw and sender is OutletAlias:
        made = OutletAlias.objects.using(using).filter(outlet=instance.outlet_id, key=instance.key)
        made.exclude(pk=instance.pk).delete()


def keep_index(
    sender: Any, instance: Any, using: str, *, created: bool, raw: bool, **kwargs: Any
) -> None:
    """Do what triggers cannot: fold names and words in Python. Runs under loaddata too.

    What loaddata writes begins its history here: the library that keeps it leaves that out.
    """
    from factcheck import bulk_history, search
    from factcheck.db import sqlite_locking
    from factcheck.imports.bulk.table import give_ids_after
    from factcheck.models import (
        Article,
        Citation,
        Claim,
        Claimant,
        FacetIndex,
        Outlet,
        OutletAlias,
        Topic,
    )

    if raw and sender is FacetIndex:
        instance.delete(using=using)  # of another database, whose rows may have other ids
        return
    is_here = raw and using == DEFAULT_DB_ALIAS
    if is_here and sender._meta.app_label == "factcheck" and not hasattr(sender, "natural_key"):
        # Logs and histories, to which the rows that come after them add.
        give_ids_after(sender, instance.pk)
    if is_here and (created or bulk_history.differs(instance)):
        bulk_history.remember(sender, [instance.pk], sign="+" if created else "~", reason="loaded")
    if sender is Outlet:
        instance.keep_own_aliases()
    if sender in {Article, Citation, Claim, Claimant, Outlet, OutletAlias, Topic}:
        # Once for a transaction: the first call leaves nothing to the others. Until then, and if
        # it fails, search reads the queue itself: an editor does not wait for a second turn at
        # writing. No partial: an error is logged by its name.
        def drain() -> None:
            with sqlite_locking.unless_others_write(using=using):
                search.drain(using=using, most=search.AT_ONCE)

        transaction.on_commit(drain, using=using, robust=True)
