"""`manage.py migrate`: Django's own, which alone may create the file of an SQLite database."""

from typing import Any

from django.core.management.commands import migrate

from factcheck.db import database_file


class Command(migrate.Command):
    # Its checks ask the database already.
    def execute(self, *args: Any, **options: Any) -> str | None:
        with database_file.creating():
            return super().execute(*args, **options)
