"""The two applications: the admin with our own site, and the fact-check database itself."""

from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.core import checks
from django.core.signals import request_started
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from factcheck import undocumented_api


class FactcheckAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin, with the work queues on its first page.

    The modules that register with it are imported by `urls.py`, so that commands, which need none
    of them, start in half the time and use 30 MB less.
    """

    default = False
    default_site = "factcheck.admin_site.FactcheckAdminSite"

    def ready(self) -> None:
        # Not the parent's check, which would run before anything has registered.
        checks.register(undocumented_api.check_dependencies, checks.Tags.admin)
        checks.register(check_admin, checks.Tags.admin)


def check_admin(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    admin.autodiscover()
    return undocumented_api.check_admin_app(app_configs, **kwargs)


class FactcheckConfig(AppConfig):
    default = True  # of the two here
    name = "factcheck"
    verbose_name = _("Fact-checking")

    def ready(self) -> None:
        from factcheck import checks, signals  # noqa: F401
        from factcheck.db import database_file, sqlite_locking

        for connection in connections.all():
            if connection.vendor == "sqlite":
                # SQLite has JSON since 3.38. Django 6.1 would connect to check that, even for a
                # command that needs no database.
                connection.features.supports_json_field = True
        connection_created.connect(sqlite_locking.install)
        connection_created.connect(database_file.install)
        request_started.connect(database_file.reopen_if_replaced)
        pre_migrate.connect(signals.remove_triggers, sender=self)
        post_migrate.connect(signals.install_triggers, sender=self)
        post_migrate.connect(signals.install_roles, sender=self)
        post_migrate.connect(signals.analyze_tables, sender=self)
        post_migrate.connect(signals.begin_public_records, sender=self)
