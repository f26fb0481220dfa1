"""`manage.py rebuild_index`: renew every search document, and forget old changes."""

from typing import Any

from factcheck import change_log, search
from factcheck.management.command import FactcheckCommand
from factcheck.management.progress import bar
from factcheck.models import Claim


class Command(FactcheckCommand):
    help = "Renew what search reads of every claim."

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        with bar("claims", Claim.objects.count) as show:
            for done in search.rebuild():
                show(done)
        change_log.prune()
        self.stdout.write(self.style.SUCCESS(f"{done} claims indexed."))
