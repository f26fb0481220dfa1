"""`manage.py migrate`: Django's own command, allowed to create the file of an SQLite database."""

from typing import Any

from django.core.management.commands import migrate

from factcheck.db import database_file


class Command(migrate.Command):
    # Not in `handle`: the system checks before it already connect to the database.
    def execute(self, *args: Any, **options: Any) -> str | None:
        with database_file.allow_creation():
            return super().execute(*args, **options)
