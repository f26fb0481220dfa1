"""Imports as batches: what each import has created, so that it can be reviewed and undone."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factcheck.db import bulk_sql
from factcheck.models.base import NaturalKeyQuerySet, ReferencedModel
from factcheck.models.constraints import one_of
from factcheck.models.fields import user_field


class ImportKind(models.TextChoices):
    FACT_CHECKS = "fact_checks", pgettext_lazy("import", "Fact-checks")
    ARTICLE = "article", pgettext_lazy("import", "Article")


class ImportBatch(ReferencedModel):
    """An import of articles or fact-checks: its file, its user, and its date."""

    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind.choices)
    file_name = models.CharField(
        _("file"), max_length=300, blank=True, default="", help_text=_("Empty: pasted text.")
    )
    # How the file was read, for example as jsonl or table.
    file_format = models.CharField(_("format"), max_length=20, blank=True, default="")
    imported_by = user_field(_("imported by"), blank=True)
    imported_at = models.DateTimeField(_("imported at"), default=timezone.now)
    # These count the records of the file.
    created = models.PositiveIntegerField(_("new claims"), default=0)
    changed = models.PositiveIntegerField(_("additions to known claims"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    taken_back_by = user_field(_("taken back by"), blank=True)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-imported_at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [one_of("kind", ImportKind, "import_kind_known")]

    def __str__(self) -> str:
        name = self.file_name or _("pasted text")
        return f"{name}, {timezone.localtime(self.imported_at):%Y-%m-%d %H:%M}"

    def count(self, **counts: int) -> None:
        """Store the counts of records so far."""
        ImportBatch.objects.filter(pk=self.pk).update(**counts)

    def add(self, *, new: Mapping[str, Iterable[int]], changed: Iterable[int] = ()) -> None:
        """Store the ids of new rows, by model name, and of existing claims that were changed."""
        for name, ids in new.items():
            rows = ((self.pk, pk, True) for pk in ids)
            bulk_sql.insert(ImportedRow._meta.db_table, ["batch_id", f"{name}_id", "is_new"], rows)
        bulk_sql.insert(
            ImportedRow._meta.db_table,
            ["batch_id", "claim_id", "is_new"],
            ((self.pk, pk, False) for pk in changed),
        )


def _imported(to: str) -> models.ForeignKey:
    # The indexes are partial (below): a full one would also have entries for the other models.
    return models.ForeignKey(
        f"factcheck.{to}",
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="imported_rows",
    )


IMPORTED = ("claim", "outlet", "claimant", "article")


class ImportedRow(models.Model):
    """A row that an import has created, or (`is_new` false) an existing claim that it has changed.

    It is deleted together with that row. An import writes thousands of these at once, so they have
    no natural key and are not part of dumps.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    claim = _imported("Claim")
    outlet = _imported("Outlet")
    claimant = _imported("Claimant")
    article = _imported("Article")
    is_new = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(
                fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"imported_{name}"
            )
            for name in IMPORTED
        ]

    def __str__(self) -> str:
        named: list[Any] = [getattr(self, f"{name}_id") for name in IMPORTED]
        return f"{self.batch_id}: {next(filter(None, named), None)}"
