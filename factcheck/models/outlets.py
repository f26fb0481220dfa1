"""Outlets, and the names under which they are cited."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from factcheck.models.articles import Article
from factcheck.models.base import (
    MergeableModel,
    MergeableQuerySet,
    NaturalKeyModel,
    NaturalKeyQuerySet,
)
from factcheck.models.citations import Citation
from factcheck.models.constraints import filled, one_of, web_address
from factcheck.models.expressions import ByteOrder
from factcheck.models.fields import LinkField, country_code, language_codes, text_length
from factcheck.models.outlet_kinds import Control, OutletKind
from factcheck.models.verifications import Verification
from factcheck.text.name_keys import alias_keys, name_key
from factcheck.text.normalize import query_words
from factcheck.text.web_addresses import site_keys


class OutletQuerySet(MergeableQuerySet):
    def public(self) -> "OutletQuerySet":
        """Return the unmerged outlets that an editor has confirmed or that a public page names.

        Outlets that only unpublished work uses are left out.
        """
        citations, log = Citation.objects.public(), Verification.objects.public()
        outlet = OuterRef("pk")
        return self.listed().filter(
            Q(is_confirmed=True)
            | Exists(citations.filter(outlet=outlet))
            | Exists(citations.filter(reprint_of=outlet))
            | Exists(log.filter(publisher=outlet))
            # A fact-check keeps the publisher that it names, also after a merge.
            | Exists(log.filter(publisher__merged_into=outlet))
            | Exists(Article.objects.public().filter(publisher=outlet))
        )

    def for_list(self) -> "OutletQuerySet":
        """Return outlets with owner and sort key. The caller sets their `claim_count`."""
        return self.select_related("owner").annotate(
            sort_name=ByteOrder("name"), claim_count=Value(0)
        )

    def counted(self, claims: Mapping[Any, int], *, by: str = "id") -> "list[Outlet]":
        """Return the outlets of these ids, or slugs, with `claim_count`, the largest first."""
        rows: list[Any] = list(self.filter(**{f"{by}__in": claims}))
        for outlet in rows:
            outlet.claim_count = claims[getattr(outlet, by)]
        return sorted(rows, key=lambda outlet: (-outlet.claim_count, outlet.name))

    def matching_name(self, text: str) -> "OutletQuerySet":
        """Narrow to outlets with names that contain every word of `text`, in any script.

        The address of an outlet matches that outlet alone.
        """
        if site_keys(text) and (outlet := self.resolve(text)):
            return self.filter(pk=outlet.pk)
        outlets = self
        for word in query_words(name_key(text)):
            aliases = OutletAlias.objects.filter(key__contains=word)
            outlets = outlets.filter(pk__in=aliases.values("outlet"))
        return outlets

    def sync_own_aliases(self) -> None:
        """Add the outlets' own names to their aliases, except keys that another outlet has."""
        aliases: dict[str, OutletAlias] = {}
        for pk, *names in self.order_by("pk").values_list("pk", "domain", "native_name", "name"):
            keys = {name_key(name): name for name in names}
            for key, name in keys.items():
                if key:
                    aliases.setdefault(key, OutletAlias(outlet_id=pk, name=name, key=key))
        taken = OutletAlias.objects.filter(key__in=aliases).values_list("key", flat=True)
        for key in set(taken):
            del aliases[key]
        OutletAlias.objects.bulk_create(aliases.values(), ignore_conflicts=True)

    def resolve(self, printed: str) -> "Outlet | None":
        """Return the outlet with this printed name, domain or web address, if any."""
        keys = alias_keys(printed)
        by_key = {
            alias.key: alias.outlet
            for alias in OutletAlias.objects.filter(key__in=keys).select_related("outlet")
        }
        for key in keys:
            if key in by_key:
                outlet = by_key[key]
                return Outlet.objects.get(pk=outlet.merged_into_id or outlet.pk)
        return None


class Outlet(MergeableModel):
    """A publisher that is cited: agency, newspaper, government site, social-media account."""

    name = models.CharField(_("name"), max_length=200, default="")
    native_name = models.CharField(_("native name"), max_length=200, blank=True, default="")
    kind = models.CharField(
        _("kind"), max_length=20, choices=OutletKind.choices, default=OutletKind.OTHER
    )
    control = models.CharField(
        _("control"),
        max_length=10,
        choices=Control.choices,
        default=Control.UNKNOWN,
        help_text=_(
            "State: a state can give it orders. Public: funded by the public, with editors who"
            " take no orders. Unknown where that is not certain."
        ),
    )
    owner = models.ForeignKey(
        "factcheck.Owner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outlets",
        verbose_name=_("owner"),
        help_text=_(
            "Who in the end controls it: outlets of one owner are a family and count once. Leave"
            " empty where that is not certain."
        ),
    )
    speaks_for = models.ForeignKey(
        "factcheck.Claimant",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="own_outlets",
        verbose_name=_("speaks for"),
        help_text=_("The claimant whose own outlet this is, such as a president's site."),
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, default="", validators=[country_code]
    )
    languages = models.CharField(
        _("languages"),
        max_length=60,
        blank=True,
        default="",
        validators=[language_codes],
        help_text=_("Codes parted by commas, such as kk,ru."),
    )
    domain = models.CharField(
        _("domain"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("tengrinews.kz, or twitter.com/tokayevkz for an account."),
    )
    homepage = LinkField(_("home page"), max_length=500, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="", validators=[text_length])
    is_confirmed = models.BooleanField(
        _("confirmed"), default=True, help_text=_("An editor has looked at this outlet.")
    )

    objects = OutletQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        indexes = [models.Index(fields=["name", "id"], name="outlet_name")]
        constraints = [
            filled("slug", "outlet_slug_filled"),
            web_address("homepage", "outlet_homepage_is_web_address"),
            one_of("kind", OutletKind, "outlet_kind_known"),
            one_of("control", Control, "outlet_control_known"),
            models.CheckConstraint(
                condition=Q(domain=Lower("domain")),
                name="outlet_domain_lower",
                violation_error_message=_("Write the domain in lower case."),
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=~Q(domain=""),
                name="outlet_domain_unique",
                violation_error_message=_("Another outlet has this domain."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="outlet_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.slug

    def clean(self) -> None:
        super().clean()
        self.domain = self.domain.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.domain = self.domain.lower()
        super().save(*args, **kwargs)

    @property
    def is_state_controlled(self) -> bool:
        return self.control == Control.STATE

    @property
    def owner_group_key(self) -> str:
        """Return the key of the outlet's owner group (rule 3 of `queries.independence`)."""
        return f"owner-{self.owner_id}" if self.owner_id else f"outlet-{self.pk}"

    @property
    def owner_group_name(self) -> str:
        return self.owner.name if self.owner else self.name

    def siblings(self) -> "models.QuerySet[Outlet]":
        """Return the other public outlets of its owner group."""
        if not self.owner_id:
            return Outlet.objects.none()
        return Outlet.objects.public().filter(owner=self.owner_id).exclude(pk=self.pk)

    def other_names(self) -> list[str]:
        """Return the aliases that are not its name, native name or domain."""
        own_names = {self.name, self.native_name, self.domain}
        return [alias.name for alias in self.aliases.all() if alias.name not in own_names]

    def sync_own_aliases(self) -> None:
        """Add the outlet's own names to its aliases, except keys that another outlet has."""
        Outlet.objects.filter(pk=self.pk).sync_own_aliases()


class OutletAliasQuerySet(NaturalKeyQuerySet):
    def public(self) -> "OutletAliasQuerySet":
        """Return the names of public outlets."""
        return self.filter(Exists(Outlet.objects.public().filter(pk=OuterRef("outlet"))))


class OutletAlias(NaturalKeyModel):
    """A name under which an outlet is printed, in any script."""

    natural_key_fields = ("key",)

    outlet = models.ForeignKey(
        Outlet, models.CASCADE, related_name="aliases", verbose_name=_("outlet")
    )
    name = models.CharField(_("name as printed"), max_length=200, default="")
    key = models.CharField(max_length=200, unique=True, editable=False, default="")

    objects = OutletAliasQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints = [filled("key", "alias_key_filled")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = name_key(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.key = name_key(self.name)
        if not self.key:
            raise ValidationError({"name": _("A name needs a letter or a digit.")})
        duplicate = OutletAlias.objects.filter(key=self.key).exclude(pk=self.pk).first()
        if duplicate:
            raise ValidationError(
                {
                    "name": _("%(name)s is a name of %(outlet)s already.")
                    % {"name": self.name, "outlet": duplicate.outlet}
                }
            )
