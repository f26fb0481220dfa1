"""`manage.py rebuild_index`: rebuilds every search document, and prunes the change log."""

from typing import Any

from factcheck import data_version, search
from factcheck.management.command import FactcheckCommand
from factcheck.management.progress import progress_bar
from factcheck.models import Claim


class Command(FactcheckCommand):
    help = "Renew what search reads of every claim."

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        with progress_bar("claims", Claim.objects.count) as show:
            for done in search.rebuild():
                show(done)
        data_version.prune()
        self.stdout.write(self.style.SUCCESS(f"{done} claims indexed."))
