"""Outlets in and out of CSV and XLSX, with a preview of every difference."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import ForeignKeyWidget

from factcheck.admin.effects import effect_sentences
from factcheck.db.claim_lock import lock_claims
from factcheck.editing import effects, suggestions
from factcheck.imports.dry_run import NoRoomError, on_database_copy
from factcheck.models import Claimant, Outlet, OutletAlias, Owner
from factcheck.text.name_keys import name_key

# A spreadsheet takes a cell for a formula if it begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
# The reason that readers see when an imported file has changed the owner of an outlet.
_REASON = "The owners of outlets were updated from a file."


class SlugWidget(ForeignKeyWidget):
    """A cell that names another record by its slug."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist as error:
            raise ValueError(
                _("There is no %(kind)s with the slug “%(slug)s”: add it first.")
                % {"kind": self.model._meta.verbose_name, "slug": value}
            ) from error


class AliasField(Field):
    """An outlet's other names, separated by `;`. An import adds names and removes none."""

    def get_value(self, instance: Outlet, **kwargs: Any) -> str:
        names = instance.other_names() if instance.pk else []
        added = [name for name in getattr(instance, "added_names", ()) if name not in names]
        return "; ".join([*names, *added])

    def save(self, instance: Any, row: Any, *args: Any, **kwargs: Any) -> None:
        instance.added_names = _alias_names(row)


class OutletResource(ModelResource):
    """A row for each outlet, in which other records are named by their slugs."""

    owner = Field("owner", "owner", widget=SlugWidget(Owner, "slug"))
    speaks_for = Field("speaks_for", "speaks_for", widget=SlugWidget(Claimant, "slug"))
    aliases = AliasField("aliases", "aliases")

    class Meta:
        model = Outlet
        import_id_fields = ("slug",)
        fields = (
            *("slug", "name", "native_name", "kind", "control", "owner", "speaks_for", "country"),
            *("languages", "domain", "homepage", "note", "is_confirmed", "aliases"),
        )
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True

    def get_queryset(self) -> QuerySet[Outlet]:
        return Outlet.objects.select_related("owner", "speaks_for").prefetch_related("aliases")

    def export_field(self, field: Any, instance: Outlet, **kwargs: Any) -> Any:
        """Defuse a cell that a spreadsheet would run; `before_import_row` undoes it."""
        value = super().export_field(field, instance, **kwargs)
        return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

    def import_data(self, dataset: Any, *args: Any, **options: Any) -> Any:
        """Import rows. A preview works on a copy, so that no editor has to wait for it."""
        if not (options.get("dry_run") or any(args[:1])):
            return super().import_data(dataset, *args, **options)
        try:
            with on_database_copy(models=(Outlet, OutletAlias, Owner, Claimant, User)):
                return super().import_data(dataset, *args, **options)
        except NoRoomError as error:
            result = self.get_result_class()()
            result.append_base_error(self.get_error_result_class()(error))
            return result

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Predict what the file does to public claims, and begin to record it."""
        self.user = kwargs.get("user")
        if owners := _new_owners(dataset):
            lock_claims(exclusive=True)
        self.effects = effects.predict_owner_change(owners)
        self.recording = effects.recording_recount(owners, reason=_REASON, by=self.user)
        self.recording.__enter__()

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        self.recording.__exit__(None, None, None)
        result.effects, result.sentences = self.effects, effect_sentences(self.effects)
        super().after_import(dataset, result, **kwargs)

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for column, cell in list(row.items()):
            if isinstance(cell, str) and cell.startswith(tuple(f"'{mark}" for mark in _FORMULA)):
                row[column] = cell[1:]
        for name in _alias_names(row):
            OutletAlias._meta.get_field("name").run_validators(name)
            alias = OutletAlias.objects.filter(key=name_key(name)).select_related("outlet").first()
            if alias and alias.outlet.slug != row.get("slug"):
                raise ValidationError(
                    {
                        "aliases": _("%(name)s is a name of %(outlet)s already.")
                        % {"name": name, "outlet": alias.outlet}
                    }
                )

    def validate_instance(self, instance: Outlet, *args: Any, **kwargs: Any) -> None:
        super().validate_instance(instance, *args, **kwargs)
        if instance.pk and self.user and suggestions.must_suggest(instance, self.user):
            raise ValidationError(
                _("Public claims use this outlet: propose the change on its page instead.")
            )

    def after_save_instance(self, instance: Outlet, row: Any, **kwargs: Any) -> None:
        for name in _alias_names(row):
            if not OutletAlias.objects.filter(key=name_key(name)).exists():
                OutletAlias.objects.create(outlet=instance, name=name)


def _new_owners(dataset: Any) -> dict[int, int | None]:
    """Return the known outlets to which a file gives another owner, by id, with the owner's id."""
    if not {"slug", "owner"} <= set(dataset.headers or ()):
        return {}
    owner_slugs = {str(row["slug"]): str(row["owner"] or "") for row in dataset.dict}
    owner_ids = dict(Owner.objects.filter(slug__in=owner_slugs.values()).values_list("slug", "pk"))
    outlets = Outlet.objects.filter(slug__in=owner_slugs).values_list("slug", "pk", "owner")
    new_owners = {}
    for slug, pk, current in outlets:
        owner = owner_ids.get(owner_slugs[slug])
        # The import itself rejects a row that names an unknown owner.
        is_known = owner is not None or not owner_slugs[slug]
        if is_known and owner != current:
            new_owners[pk] = owner
    return new_owners


def _alias_names(row: Any) -> list[str]:
    names = (name.strip() for name in str(row.get("aliases") or "").split(";"))
    return [name for name in names if name_key(name)]
