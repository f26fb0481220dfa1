"""Outlets, who owns them, and the names under which they are cited."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from factcheck.models.base import (
    ByteOrder,
    LinkField,
    MergeableModel,
    MergeableQuerySet,
    NaturalKeyModel,
    NaturalKeyQuerySet,
    SluggedModel,
    country_code,
    filled,
    language_codes,
    one_of,
    text_length,
    web_address,
)
from factcheck.text.name_keys import alias_keys, name_key
from factcheck.text.normalize import search_words
from factcheck.text.web_addresses import site_keys


class OwnerKind(models.TextChoices):
    GOVERNMENT = "government", _("Government")
    COMPANY = "company", _("Company")
    NONPROFIT = "nonprofit", _("Non-profit")
    INDIVIDUAL = "individual", _("Individual")
    OTHER = "other", pgettext_lazy("owner", "Other")


class OutletKind(models.TextChoices):
    AGENCY = "agency", _("News agency")
    NEWSPAPER = "newspaper", _("Newspaper")
    BROADCASTER = "broadcaster", _("Broadcaster")
    ONLINE = "online", _("Online outlet")
    GOVERNMENT = "government", _("Government site")
    SOCIAL = "social", _("Social-media account")
    THINK_TANK = "think_tank", _("Think tank")
    FACT_CHECKER = "fact_checker", _("Fact-checker")
    OTHER = "other", pgettext_lazy("outlet", "Other")


class Control(models.TextChoices):
    """Who can give an outlet orders."""

    STATE = "state", pgettext_lazy("control", "State")
    PUBLIC = "public", pgettext_lazy("control", "Public")
    PRIVATE = "private", pgettext_lazy("control", "Private")
    UNKNOWN = "unknown", pgettext_lazy("control", "Unknown")


class OwnerQuerySet(NaturalKeyQuerySet):
    def public(self) -> "OwnerQuerySet":
        """Return the owners of the outlets that readers see."""
        return self.filter(Exists(Outlet.objects.public().filter(owner=OuterRef("pk"))))

    def for_list(self) -> "OwnerQuerySet":
        return self.annotate(sort_name=ByteOrder("name"))


class Owner(SluggedModel):
    """Who in the end controls outlets: the state, the holding, the person."""

    name = models.CharField(_("name"), max_length=200, default="")
    kind = models.CharField(
        _("kind"), max_length=20, choices=OwnerKind.choices, default=OwnerKind.OTHER
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, default="", validators=[country_code]
    )

    objects = OwnerQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        constraints = [
            filled("slug", "owner_slug_filled"),
            one_of("kind", OwnerKind, "owner_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.slug


class OutletQuerySet(MergeableQuerySet):
    def public(self) -> "OutletQuerySet":
        """Return the listed outlets that an editor has confirmed or that a public page names.

        What only unpublished work has brought in is left out.
        """
        from factcheck.models.articles import Article
        from factcheck.models.citations import Citation
        from factcheck.models.verifications import Verification

        cited, log = Citation.objects.public(), Verification.objects.of_public_claims()
        here = OuterRef("pk")
        return self.listed().filter(
            Q(is_confirmed=True)
            | Exists(cited.filter(outlet=here))
            | Exists(cited.filter(reprint_of=here))
            | Exists(log.filter(publisher=here))
            # A fact-check stays with the publisher that it names, also after a merge.
            | Exists(log.filter(publisher__merged_into=here))
            | Exists(Article.objects.public().filter(publisher=here))
        )

    def for_list(self) -> "OutletQuerySet":
        """Return outlets with their owners and sort key, and room for how many claims cite them."""
        return self.select_related("owner").annotate(
            sort_name=ByteOrder("name"), claim_count=Value(0)
        )

    def counted(self, claims: Mapping[Any, int], *, by: str = "id") -> "list[Outlet]":
        """Return the outlets of these ids, or slugs, with `claim_count`, the largest first."""
        rows: list[Any] = list(self.filter(**{f"{by}__in": claims}))
        for outlet in rows:
            outlet.claim_count = claims[getattr(outlet, by)]
        return sorted(rows, key=lambda outlet: (-outlet.claim_count, outlet.name))

    def named(self, typed: str) -> "OutletQuerySet":
        """Narrow to outlets of which every word typed is part of a name, in any script.

        An address that belongs to an outlet names that one alone.
        """
        if site_keys(typed) and (meant := self.resolve(typed)):
            return self.filter(pk=meant.pk)
        found = self
        for word in search_words(name_key(typed)):
            named = OutletAlias.objects.filter(key__contains=word).values("outlet")
            found = found.filter(pk__in=named)
        return found

    def keep_own_aliases(self) -> None:
        """Make outlets' own names their aliases. A key that another outlet holds stays there."""
        own: dict[str, OutletAlias] = {}
        for pk, *names in self.order_by("pk").values_list("pk", "domain", "native_name", "name"):
            keys = {name_key(name): name for name in names}
            for key, name in keys.items():
                if key:
                    own.setdefault(key, OutletAlias(outlet_id=pk, name=name, key=key))
        taken = OutletAlias.objects.filter(key__in=own).values_list("key", flat=True)
        for key in set(taken):
            del own[key]
        OutletAlias.objects.bulk_create(own.values(), ignore_conflicts=True)

    def resolve(self, printed: str) -> "Outlet | None":
        """Return the outlet that is meant by a printed name, a domain or a web address."""
        keys = alias_keys(printed)
        by_key = {
            alias.key: alias.outlet
            for alias in OutletAlias.objects.filter(key__in=keys).select_related("outlet")
        }
        for key in keys:
            if key in by_key:
                found = by_key[key]
                return Outlet.objects.get(pk=found.merged_into_id or found.pk)
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
        Owner,
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
    def family_key(self) -> str:
        """Return what outlets of one family share: their owner, or else the outlet itself."""
        return f"owner-{self.owner_id}" if self.owner_id else f"outlet-{self.pk}"

    @property
    def family_name(self) -> str:
        return self.owner.name if self.owner else self.name

    def siblings(self) -> "models.QuerySet[Outlet]":
        """Return the other public outlets of its family."""
        if not self.owner_id:
            return Outlet.objects.none()
        return Outlet.objects.public().filter(owner=self.owner_id).exclude(pk=self.pk)

    def other_names(self) -> list[str]:
        """Return the names under which it is cited besides its own."""
        own = {self.name, self.native_name, self.domain}
        return [alias.name for alias in self.aliases.all() if alias.name not in own]

    def keep_own_aliases(self) -> None:
        """Make the outlet's own names aliases. A key that another outlet holds stays there."""
        Outlet.objects.filter(pk=self.pk).keep_own_aliases()


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
        other = OutletAlias.objects.filter(key=self.key).exclude(pk=self.pk).first()
        if other:
            raise ValidationError(
                {
                    "name": _("%(name)s is a name of %(outlet)s already.")
                    % {"name": self.name, "outlet": other.outlet}
                }
            )
