"""The append-only log: verifications and other entries, with their evidence."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factcheck.db.claim_lock import lock_claims
from factcheck.models.base import NaturalKeyModel, NaturalKeyQuerySet, ReferencedModel
from factcheck.models.claims import Claim
from factcheck.models.constraints import one_of
from factcheck.models.fields import LinkField, moment, user_field
from factcheck.models.statuses import Status


class VerificationKind(models.TextChoices):
    """The kinds of log entries."""

    FINDING = "finding", pgettext_lazy("kind", "Finding")
    RETRACTION = "retraction", pgettext_lazy("kind", "Retraction")
    RESTORATION = "restoration", pgettext_lazy("kind", "Restoration")
    # The content of a public claim: at its publication, and after each change.
    PUBLICATION = "publication", pgettext_lazy("kind", "Publication")
    REVISION = "revision", pgettext_lazy("kind", "Revision")
    RECOUNT = "recount", pgettext_lazy("kind", "Recount of the sources")
    # The claim was reworded after the verdict, and an editor confirms the verdict.
    CONFIRMATION = "confirmation", pgettext_lazy("kind", "Confirmation of the verdict")


class VerificationQuerySet(NaturalKeyQuerySet):
    def with_publisher(self) -> "VerificationQuerySet":
        """Return entries with their publishers, newest first, without the long contents."""
        entries = self.select_related("publisher__merged_into").order_by("-number")
        return entries.defer("content")

    def for_page(self) -> "VerificationQuerySet":
        return self.with_publisher().prefetch_related("evidence")

    def public(self) -> "VerificationQuerySet":
        """Return the entries about public claims."""
        # Exists and not a join, for which SQLite would read all public claims first.
        return self.filter(Exists(Claim.objects.public().filter(pk=OuterRef("claim"))))

    def latest_findings(self) -> "VerificationQuerySet":
        """Return the findings about published claims with their claims, newest first."""
        return (
            self.filter(
                Exists(Claim.objects.published().filter(pk=OuterRef("claim"))),
                kind=VerificationKind.FINDING,
            )
            .select_related("claim__claimant", "publisher__merged_into")
            .order_by("-number")
        )

    def logs_of(self, claim_ids: Iterable[int]) -> "VerificationQuerySet":
        """Return all entries about some claims, ordered by claim and number."""
        return (
            self.filter(claim__in=claim_ids)
            .select_related("publisher__merged_into")
            .defer("content")
            .order_by("claim_id", "number")
        )

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert `objs`, and complete those without a number first."""
        objs = list(objs)
        with transaction.atomic(using=self.db):
            self.complete([entry for entry in objs if entry.number is None])
            return super().bulk_create(objs, *args, **kwargs)

    def complete(self, entries: Sequence["Verification"]) -> None:
        """Set the numbers of new `entries`, without a gap, and the claims' texts as statements.

        Claims are always locked before the log, so that two editors cannot deadlock. On SQLite
        every transaction has the write lock from its start (IMMEDIATE).
        """
        if not entries:
            return
        lock_claims(self.db)
        claims = Claim.objects.using(self.db).filter(pk__in={e.claim_id for e in entries})
        texts = dict(claims.order_by("pk").select_for_update().values_list("pk", "text"))
        for number, entry in enumerate(entries, self.next_number()):
            entry.number = number
            entry.statement = entry.statement or texts.get(entry.claim_id, "")

    def next_number(self) -> int:
        """Return the log's next number, and lock the log until the transaction ends."""
        connection = connections[self.db]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    f"LOCK TABLE {self.model._meta.db_table} IN SHARE ROW EXCLUSIVE MODE"
                )
        last_numbers = [
            model._base_manager.using(self.db).aggregate(last=models.Max("number"))["last"] or 0
            for model in (self.model, RemovedRecord)
        ]
        return max(last_numbers) + 1


class Verification(ReferencedModel):
    """A dated, signed and reasoned entry of the log. Triggers keep it append-only."""

    number = models.PositiveIntegerField(_("number"), unique=True, editable=False)
    kind = models.CharField(
        _("kind"), max_length=12, choices=VerificationKind.choices, default=VerificationKind.FINDING
    )
    claim = models.ForeignKey(
        "factcheck.Claim",
        models.PROTECT,
        db_index=False,
        related_name="verifications",
        verbose_name=_("claim"),
    )
    statement = models.TextField(_("statement as checked"), blank=True, default="")
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.UNVERIFIED
    )
    label = models.CharField(_("publisher's label"), max_length=200, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    publisher = models.ForeignKey(
        "factcheck.Outlet",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="verifications",
        verbose_name=_("publisher"),
        help_text=_("Empty: this newsroom."),
    )
    url = LinkField(_("link"), max_length=1000, blank=True, default="")
    reviewer = user_field(_("reviewer"), related_name="reviewed", blank=True)
    approved_by = user_field(_("approved by"), related_name="approved", blank=True)
    byline = models.CharField(_("byline"), max_length=200, blank=True, default="")
    reviewed_on = models.DateField(_("reviewed on"), default=timezone.localdate)
    created_at = models.DateTimeField(_("recorded at"), default=moment)
    # The claim's content at that time (`factcheck.public_record.contents`); null for a finding.
    content = models.JSONField(_("content"), null=True, blank=True, default=None, editable=False)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        indexes = [
            models.Index(fields=["claim", "-reviewed_on", "-number"], name="verification_counts"),
            # For the work queue of claims that were reworded after their verdict.
            models.Index(
                fields=["claim"], condition=Q(kind="revision"), name="verification_revisions"
            ),
        ]
        constraints = [
            one_of("kind", VerificationKind, "verification_kind_known"),
            one_of("status", Status, "verification_status_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="verification_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.get_status_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic(using=kwargs.get("using"), savepoint=False):
            if self.number is None:
                Verification.objects.using(kwargs.get("using")).complete([self])
            super().save(*args, **kwargs)
            Claim.objects.using(self._state.db).filter(pk=self.claim_id).touch()

    @property
    def canonical_publisher(self) -> Any:
        """Return the publisher, or the outlet that it was merged into; None for this newsroom."""
        return self.publisher and (self.publisher.merged_into or self.publisher)


class EvidenceQuerySet(NaturalKeyQuerySet):
    def public(self) -> "EvidenceQuerySet":
        """Return the evidence of findings about public claims."""
        log = Verification.objects.public().filter(pk=OuterRef("verification"))
        return self.filter(Exists(log))


class Evidence(NaturalKeyModel):
    """A document that supports a verification. It is never counted as a citation."""

    natural_key_fields = ("verification__ref", "url")

    verification = models.ForeignKey(
        Verification,
        models.PROTECT,
        db_index=False,
        related_name="evidence",
        verbose_name=_("verification"),
    )
    title = models.CharField(_("title"), max_length=500, blank=True, default="")
    publisher_name = models.CharField(_("publisher"), max_length=200, blank=True, default="")
    url = LinkField(_("link"), max_length=1000, blank=True, default="")
    archived_url = LinkField(_("archived copy"), max_length=1000, blank=True, default="")
    quote = models.TextField(_("quoted passage"), blank=True, default="")
    accessed_on = models.DateField(_("accessed on"), null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("record")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["verification", "url"], name="evidence_unique")
        ]

    def __str__(self) -> str:
        return self.title or self.url

    # Django orders a dump by these dependencies.
    def natural_key(self) -> tuple[Any, ...]:
        return super().natural_key()

    natural_key.dependencies = ["factcheck.verification"]  # type: ignore[attr-defined]


class RemovedRecord(NaturalKeyModel):
    """The number and digest of a log record that was deleted together with its draft."""

    natural_key_fields = ("number",)

    number = models.PositiveIntegerField(_("number"), unique=True)
    digest = models.CharField(_("digest"), max_length=64)
    removed_at = models.DateTimeField(_("removed at"), default=timezone.now)

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("removed record")
        verbose_name_plural = _("removed records")

    def __str__(self) -> str:
        return str(self.number)


class Correction(NaturalKeyModel):
    """The number of a log record that corrects something readers had been told.

    A changed verdict or wording, a changed count or a retraction is a correction; imports and first
    verdicts are not. `factcheck.public_record.writing` decides this when it writes the record.
    """

    natural_key_fields = ("number",)

    number = models.PositiveIntegerField(_("number"), unique=True)

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return str(self.number)
