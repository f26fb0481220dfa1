"""`manage.py demo`: migrates, loads the sample article, creates an editor, and serves."""

import json
import secrets
from collections import Counter
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core import serializers
from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser
from django.db import transaction

from factcheck import public_record, search
from factcheck.editing import roles
from factcheck.management.command import FactcheckCommand
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Outlet,
    OutletAlias,
    Owner,
    Topic,
    Verification,
)

FIXTURES = ("outlets", "kazakhstan_afghanistan_2021")
EDITOR = "editor"
# Independent records. Other rows belong to one of these and are loaded only with it, so that a
# citation or an alias that an editor has removed does not come back.
_PARENTS = (Owner, Claimant, Outlet, Topic, Article, Claim)


class Command(FactcheckCommand):
    help = "Set everything up with a real article's claims and serve it on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port to serve on (8000)")
        parser.add_argument("--no-server", action="store_true", help="set up only")

    def handle(self, *args: Any, port: int, no_server: bool, **options: Any) -> None:
        if not 0 < port < 65536:
            raise CommandError("--port must be between 1 and 65535.")
        call_command("migrate", verbosity=0, interactive=False)
        self._load()
        self._make_editor()
        if no_server:
            self.stdout.write("Serve it with: python manage.py demo")
            return
        address = f"127.0.0.1:{port}"
        self.stdout.write(f"\nBrowse  http://{address}/\nEdit    http://{address}/admin/\n")
        call_command("runserver", address, use_reloader=False, skip_checks=True)

    def _load(self) -> None:
        loaded, skipped = load_missing()
        for model, count in loaded.items():
            names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            self.stdout.write(f"  {count:4} {names}")
        total = sum(loaded.values())
        self.stdout.write(
            self.style.SUCCESS(f"Loaded {total} rows")
            + f", left {sum(skipped.values())} as they are."
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


def load_missing() -> tuple[Counter[Any], Counter[Any]]:
    """Load the rows of the fixtures that the database lacks; count the loaded and skipped ones.

    A row that an editor changed, renamed or deleted is found by its history and skipped.
    """
    loaded: Counter[Any] = Counter()
    skipped: Counter[Any] = Counter()
    added: set[tuple[str, str]] = set()
    refs_by_claim: dict[str, list[str]] = {}  # of each claim's citations
    with transaction.atomic():
        for fixture in FIXTURES:
            path = settings.FIXTURE_DIRS[0] / f"{fixture}.json"
            rows = json.loads(path.read_text(encoding="utf-8"))
            for row in rows:
                if row["model"] == "factcheck.citation":
                    refs_by_claim.setdefault(row["fields"]["claim"][0], []).append(
                        row["fields"]["ref"]
                    )
            for row in rows:
                model = apps.get_model(row["model"])
                if _is_missing(model, row["fields"], added, refs_by_claim) and _save(row):
                    added.add(
                        (model.__name__, row["fields"].get("slug") or row["fields"].get("ref"))
                    )
                    loaded[model] += 1
                else:
                    skipped[model] += 1
        public_record.begin_missing()
        search.drain()
    # Outlets create most of their aliases themselves, so the counts leave aliases out.
    for counter in (loaded, skipped):
        counter.pop(OutletAlias, None)
    return loaded, skipped


def _is_missing(
    model: Any,
    fields: dict[str, Any],
    added: set[tuple[str, str]],
    refs_by_claim: dict[str, list[str]],
) -> bool:
    if model in _PARENTS:
        return not _exists_or_existed(model, fields, refs_by_claim)
    if model is OutletAlias and OutletAlias.objects.filter(key=fields["key"]).exists():
        return False
    owner = next(name for name in ("verification", "claim", "outlet") if name in fields)
    return (owner.title(), fields[owner][0]) in added


def _exists_or_existed(
    model: Any, fields: dict[str, Any], refs_by_claim: dict[str, list[str]]
) -> bool:
    """Return whether the row exists, or once existed, under this or another slug."""
    slug = fields["slug"]
    if model.objects.filter(slug=slug).exists() or model.history.filter(slug=slug).exists():
        return True
    if model is Outlet:
        names = filter(None, (fields["domain"], fields["name"], fields["native_name"]))
        return any(Outlet.objects.resolve(name) for name in names)
    if model is Claim:
        return Citation.objects.filter(ref__in=refs_by_claim.get(slug, [])).exists()
    name = "title" if model is Article else "name"
    return model.objects.filter(**{name: fields[name]}).exists()


def _save(row: dict[str, Any]) -> bool:
    """Save a row; return False for one that refers to a deleted record."""
    (deserialized,) = serializers.deserialize("python", [row], handle_forward_references=True)
    if any(not (field.null or field.many_to_many) for field in deserialized.deferred_fields or ()):
        return False
    instance: Any = deserialized.object
    instance._change_reason = "demo"
    if (
        isinstance(instance, Verification)
        and Verification.objects.filter(number=instance.number).exists()
    ):
        instance.number = None  # type: ignore[assignment]  # an editor's own log has begun: the next number
    instance.save()
    for name, values in (deserialized.m2m_data or {}).items():
        getattr(instance, name).set(values)
    return True
