"""`manage.py migrate`: Django's own, which alone may create the file of an SQLite database."""

from typing import Any

from django.core.management.commands import migrate

from factcheck import database_file


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with database_file.creating():
            super().handle(*args, **options)
