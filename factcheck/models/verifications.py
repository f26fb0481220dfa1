"""The append-only log of verifications with their evidence, and what it makes of a status."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factcheck.db.claim_lock import take_turn
from factcheck.models.base import (
    LinkField,
    NaturalKeyModel,
    NaturalKeyQuerySet,
    moment,
    one_of,
    ref_field,
)
from factcheck.models.claims import Claim
from factcheck.models.statuses import Status


class VerificationKind(models.TextChoices):
    """What an entry of the log records."""

    FINDING = "finding", pgettext_lazy("kind", "Finding")
    RETRACTION = "retraction", pgettext_lazy("kind", "Retraction")
    RESTORATION = "restoration", pgettext_lazy("kind", "Restoration")
    # What a published claim says: when it was published, and each time that it changed.
    PUBLICATION = "publication", pgettext_lazy("kind", "Publication")
    REVISION = "revision", pgettext_lazy("kind", "Revision")
    RECOUNT = "recount", pgettext_lazy("kind", "Recount of the sources")
    # The verdict was given on other words, and an editor says that it still holds.
    CONFIRMATION = "confirmation", pgettext_lazy("kind", "Confirmation of the verdict")


class VerificationQuerySet(NaturalKeyQuerySet):
    def with_publisher(self) -> "VerificationQuerySet":
        # Contents are long, and read by who compares them.
        found = self.select_related("publisher__merged_into").order_by("-number")
        return found.defer("content")

    def for_page(self) -> "VerificationQuerySet":
        return self.with_publisher().prefetch_related("evidence")

    def of_public_claims(self) -> "VerificationQuerySet":
        # No join, which SQLite would begin with all public claims.
        return self.filter(Exists(Claim.objects.public().filter(pk=OuterRef("claim"))))

    def public(self) -> "VerificationQuerySet":
        return self.of_public_claims()

    def latest_findings(self) -> "VerificationQuerySet":
        """Return the findings about published claims, the newest first, with their claims."""
        return (
            self.filter(
                Exists(Claim.objects.published().filter(pk=OuterRef("claim"))),
                kind=VerificationKind.FINDING,
            )
            .select_related("claim__claimant", "publisher__merged_into")
            .order_by("-number")
        )

    def for_replay(self, claim_ids: Iterable[int]) -> "VerificationQuerySet":
        """Return the whole logs of some claims, claim by claim."""
        return (
            self.filter(claim__in=claim_ids)
            .select_related("publisher__merged_into")
            .defer("content")
            .order_by("claim_id", "number")
        )

    def changes_of(self, entries: Iterable["Verification"]) -> dict[int, "Change"]:
        """Return what each of some entries changed, by its id: one query, for all their logs."""
        whole = self.for_replay({entry.claim_id for entry in entries})
        return {
            change.entry.pk: change
            for _claim, log in groupby(whole, key=lambda entry: entry.claim_id)
            for change in replay(log)
        }

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Write `objs`, completing those that have no number yet."""
        objs = list(objs)
        with transaction.atomic(using=self.db):
            self.complete([entry for entry in objs if entry.number is None])
            return super().bulk_create(objs, *args, **kwargs)

    def complete(self, entries: Sequence["Verification"]) -> None:
        """Give `entries` the log's next numbers, without a gap, and the claims' texts as checked.

        Claims are locked before the log, so that two editors wait for each other in one order.
        SQLite needs no locks: there every transaction is a writer's (IMMEDIATE).
        """
        if not entries:
            return
        take_turn(self.db)
        claims = Claim.objects.using(self.db).filter(pk__in={e.claim_id for e in entries})
        texts = dict(claims.order_by("pk").select_for_update().values_list("pk", "text"))
        for number, entry in enumerate(entries, self.next_number()):
            entry.number = number
            entry.statement = entry.statement or texts.get(entry.claim_id, "")

    def next_number(self) -> int:
        """Return the log's next number, and keep all others from it until the transaction ends."""
        connection = connections[self.db]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    f"LOCK TABLE {self.model._meta.db_table} IN SHARE ROW EXCLUSIVE MODE"
                )
        last = [
            model._base_manager.using(self.db).aggregate(last=models.Max("number"))["last"] or 0
            for model in (self.model, RemovedRecord)
        ]
        return max(last) + 1


class Verification(NaturalKeyModel):
    """One dated, signed, reasoned entry of the log. Triggers keep it append-only."""

    natural_key_fields = ("ref",)

    ref = ref_field()
    number = models.PositiveIntegerField(_("number"), unique=True, editable=False)
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=VerificationKind.choices,
        default=VerificationKind.FINDING,
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
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviewed",
        verbose_name=_("reviewer"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approved",
        verbose_name=_("approved by"),
    )
    byline = models.CharField(_("byline"), max_length=200, blank=True, default="")
    reviewed_on = models.DateField(_("reviewed on"), default=timezone.localdate)
    created_at = models.DateTimeField(_("recorded at"), default=moment)
    # What the claim said then (`factcheck.public_record.contents`); null for a finding.
    content = models.JSONField(_("content"), null=True, blank=True, default=None, editable=False)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        indexes = [
            models.Index(fields=["claim", "-reviewed_on", "-number"], name="verification_counts"),
            # Few among many findings; the queue of verdicts on other words begins with them.
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
            Claim.objects.using(self._state.db).filter(pk=self.claim_id).note_change()

    @property
    def publisher_now(self) -> Any:
        """Return the publisher, read through a merge; None for this newsroom."""
        return self.publisher and (self.publisher.merged_into or self.publisher)


class EvidenceQuerySet(NaturalKeyQuerySet):
    def public(self) -> "EvidenceQuerySet":
        """Return the records that findings about public claims rest on."""
        log = Verification.objects.public().filter(pk=OuterRef("verification"))
        return self.filter(Exists(log))


class Evidence(NaturalKeyModel):
    """A record that a verification rests on. It is no citation and never counted as one."""

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

    # Django orders a dump by it.
    def natural_key(self) -> tuple[Any, ...]:
        return super().natural_key()

    natural_key.dependencies = ["factcheck.verification"]  # type: ignore[attr-defined]


class RemovedRecord(NaturalKeyModel):
    """A record of a draft that was deleted before publication: its number and digest stay."""

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
    """The number of a record by which readers were told otherwise than before.

    Decided once, when the record is written (`factcheck.public_record.writing`): a changed verdict
    or wording, a count that moved, a retraction. Imports and first verdicts are none.
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


class Change(NamedTuple):
    """What one entry of the log did to its claim's status."""

    entry: Verification
    before: str
    after: str

    @property
    def before_label(self) -> str:
        return str(Status(self.before).label)

    @property
    def after_label(self) -> str:
        return str(Status(self.after).label)


def counting(log: Iterable[Verification]) -> list[Verification]:
    """Return the findings that decide: the newsroom's latest, or each publisher's latest.

    The newsroom's latest is the one with the largest number, whatever its clock said; a
    publisher's is the latest by (reviewed_on, number). Superseding happens within one publisher.
    """
    latest: dict[int | None, Verification] = {}
    for entry in sorted(log, key=_rank):
        if entry.kind == VerificationKind.FINDING:
            latest[entry.publisher_now and entry.publisher_now.pk] = entry
    return [latest[None]] if None in latest else list(latest.values())


def _rank(entry: Verification) -> tuple[date, int]:
    return (entry.reviewed_on if entry.publisher_id else date.min), entry.number


def status_now(log: Iterable[Verification]) -> str:
    """Return the status of a claim with these log entries: what `triggers.derived` computes."""
    found = {entry.status for entry in counting(log)}
    return found.pop() if len(found) == 1 else Status.DISPUTED if found else Status.UNVERIFIED


def replay(log: Iterable[Verification]) -> list[Change]:
    """Return what each entry of one claim's log changed, the first entry first."""
    entries = sorted(log, key=lambda entry: entry.number)
    states = [status_now(entries[:count]) for count in range(len(entries) + 1)]
    return [Change(*row) for row in zip(entries, states, states[1:], strict=False)]
