"""`manage.py rebuild_index`: renew every search document."""

from typing import Any

from django.core.management.base import BaseCommand

from factcheck import search
from factcheck.models import Claim


class Command(BaseCommand):
    help = "Renew what search reads of every claim."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        total = Claim.objects.count()
        done = 0
        for done in search.rebuild():
            if verbosity > 1:
                self.stdout.write(f"{done} of {total}")
        self.stdout.write(self.style.SUCCESS(f"{done} claims indexed."))
