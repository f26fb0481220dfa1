"""`manage.py demo`: migrate, load the sample article, make an editor, serve."""

import secrets
from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core import serializers
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, models, transaction

from factcheck import roles, search
from factcheck.models import Article, Claim, Claimant, Outlet, OutletAlias, Owner, Topic, Verification

FIXTURES = ("outlets", "kazakhstan_afghanistan_2021")
EDITOR = "editor"
# What stands on its own; everything else belongs to one of these and is loaded with it alone,
# so that a citation or an alias that an editor has removed does not come back.
_PARENTS = (Owner, Claimant, Outlet, Topic, Article, Claim)


class Command(BaseCommand):
    help = "Set everything up with a real article's claims and serve it on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port to serve on (8000)")
        parser.add_argument("--no-server", action="store_true", help="set up only")

    def handle(self, *args: Any, port: int, no_server: bool, **options: Any) -> None:
        if not 0 < port < 65536:
            raise CommandError("--port must be between 1 and 65535.")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        self._load()
        self._make_editor()
        if no_server:
            self.stdout.write("Serve it with: python manage.py demo")
            return
        address = f"127.0.0.1:{port}"
        self.stdout.write(f"\nBrowse  http://{address}/\nEdit    http://{address}/admin/\n")
        call_command("runserver", address, use_reloader=False, skip_checks=True)

    def _load(self) -> None:
        loaded, kept = load_absent()
        for name, count in sorted(loaded.items()):
            self.stdout.write(f"  {count:4} {name}")
        total = sum(loaded.values())
        self.stdout.write(
            self.style.SUCCESS(f"Loaded {total} rows")
            + f", left {sum(kept.values())} as they are."
        )

    @transaction.atomic
    def _make_editor(self) -> None:
        if User.objects.filter(username=EDITOR).exists():
            self.stdout.write(
                f"Editor “{EDITOR}” is there already; a new password:"
                f" python manage.py changepassword {EDITOR}"
            )
            return
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(EDITOR, password=password, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=[roles.CONTRIBUTORS, roles.REVIEWERS]))
        self.stdout.write(f"Editor: {EDITOR}   password: {password}   (shown only now)")


def load_absent() -> tuple[Counter[str], Counter[str]]:
    """Load what the fixtures hold and the database does not; return what was loaded and kept.

    A row that an editor changed, renamed or deleted is known from its history and left alone.
    """
    loaded: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    new: set[tuple[type[models.Model], Any]] = set()
    with transaction.atomic():
        for fixture in FIXTURES:
            path = settings.FIXTURE_DIRS[0] / f"{fixture}.json"
            with path.open(encoding="utf-8") as file:
                for found in serializers.deserialize("json", file):
                    row = found.object
                    name = str(row._meta.verbose_name_plural)
                    if not _is_absent(row, new):
                        # An outlet makes its own names itself.
                        kept[name] += not isinstance(row, OutletAlias)
                        continue
                    _save(found)
                    new.add((type(row), row.pk))
                    loaded[name] += 1
        search.drain()
    return loaded, kept


def _is_absent(row: Any, new: set[tuple[type[models.Model], Any]]) -> bool:
    if row.pk is not None:  # found by its natural key
        return False
    if isinstance(row, _PARENTS):
        return not type(row).history.filter(slug=row.slug).exists()
    owners = (
        (field.related_model, getattr(row, field.attname))
        for field in row._meta.fields
        if isinstance(field, models.ForeignKey) and field.name in {"outlet", "claim", "verification"}
    )
    return next(owners) in new


def _save(found: Any) -> None:
    row = found.object
    row._change_reason = "demo"
    if isinstance(row, Verification) and Verification.objects.filter(number=row.number).exists():
        row.number = None  # an editor's own log has begun: the next number
    row.save()
    for name, values in (found.m2m_data or {}).items():
        getattr(row, name).set(values)
