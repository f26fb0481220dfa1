"""Base classes of the models: natural keys, slugs, and records that can be merged."""

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import (
    DEFAULT_DB_ALIAS,
    InternalError,
    OperationalError,
    connections,
    models,
    transaction,
)
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from factcheck.models.fields import ref_field
from factcheck.text.normalize import fold, query_words
from factcheck.text.slugs import slugify


class NaturalKeyQuerySet(models.QuerySet):
    """Finds records by the natural key of their model, so that fixtures need no integer ids."""

    def get_by_natural_key(self, *key: Any) -> Any:
        fields: tuple[str, ...] = self.model.natural_key_fields  # type: ignore[attr-defined]
        return self.get(**dict(zip(fields, key, strict=True)))

    def public(self) -> Self:
        """Return the records that readers may see. A model without its own rule has none."""
        return self.none()

    def without_editor_fields(self) -> Self:
        """Defer the long columns that only editors may see."""
        return self

    def assign_slugs(self, rows: Iterable[Any]) -> None:
        """Set the slugs of unsaved records as `save` would, with few queries."""
        bases = [(row, slugify(row.slug_text()) or row._meta.model_name) for row in rows]
        taken = set(
            self.filter(slug__in={base for _row, base in bases}).values_list("slug", flat=True)
        )
        for row, base in bases:
            row.slug = base if base not in taken else row.unique_slug(reserved=taken)
            taken.add(row.slug)

    def name_contains(self, search: str, *fields: str) -> Self:
        """Narrow to records whose `fields` contain every word of `search`, in any case or script.

        SQLite can ignore case for ASCII only, so the names are folded in Python. That is fast
        enough for some thousand names; claims have an index (`factcheck.search`).
        """
        words = query_words(search)
        if not words:
            return self
        rows = self.order_by().values_list("pk", *fields)
        return self.filter(
            pk__in=[
                pk for pk, *names in rows if all(word in fold(" ".join(names)) for word in words)
            ]
        )


class NaturalKeyModel(models.Model):
    """A record that is identified by `natural_key_fields`."""

    natural_key_fields: ClassVar[tuple[str, ...]] = ("slug",)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The record and its history entry are written together, under one write lock.
        with transaction.atomic(using=kwargs.get("using"), savepoint=False):
            super().save(*args, **kwargs)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Raise errors of the database itself, such as a lost connection, as they are.

        Django reports every error of a conditional constraint's query as a violation, so an
        editor would look for a duplicate that does not exist.
        """
        errors: list[Exception] = []

        def collect_errors(execute: Any, *args: Any) -> Any:
            try:
                return execute(*args)
            except (OperationalError, InternalError) as error:
                errors.append(error)
                raise

        # The first wrapper sees the errors that the others do not handle.
        wrappers = connections[DEFAULT_DB_ALIAS].execute_wrappers
        wrappers.insert(0, collect_errors)
        try:
            super().validate_constraints(exclude)
        except ValidationError:
            if not errors:
                raise
        finally:
            wrappers.remove(collect_errors)
        if errors:
            raise errors[0]

    def natural_key(self) -> tuple[Any, ...]:
        return tuple(attrgetter(path.replace("__", "."))(self) for path in self.natural_key_fields)


class ReferencedModel(NaturalKeyModel):
    """A record without a name, identified by a short random reference."""

    natural_key_fields = ("ref",)

    ref = ref_field()

    class Meta:
        abstract = True


class SluggedModel(NaturalKeyModel):
    """A record with a page of its own. An empty slug is made from `slug_text`."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True, blank=True, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or self.unique_slug()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.slug = self.slug or self.unique_slug()

    def slug_text(self) -> str:
        return str(self)

    def unique_slug(self, *, reserved: Collection[str] = ()) -> str:
        """Return a slug that is neither stored nor `reserved`, with a number where needed."""
        base = slugify(self.slug_text()) or self._meta.model_name or "x"
        slugs = type(self)._base_manager.filter(slug__startswith=base)
        taken = {*slugs.values_list("slug", flat=True), *reserved}
        number, slug = 1, base
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        return slug


class MergeableModel(SluggedModel):
    """A record that can be merged into another of its model.

    A merged record keeps its slug, so that its page can redirect, and is in no list.
    """

    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse(f"{self._meta.model_name}-detail", args=[self.slug])


class MergeableQuerySet(NaturalKeyQuerySet):
    def listed(self) -> Self:
        """Return the records that are not merged into another one."""
        return self.filter(merged_into=None)

    def merge_targets(self, slugs: Iterable[str]) -> dict[str, Any]:
        """Return the public records into which others were merged, by the slugs of the others."""
        public: Any = self.model._default_manager
        merged: Any = self.filter(slug__in=slugs, merged_into__in=public.public())
        return {row.slug: row.merged_into for row in merged.select_related("merged_into")}
