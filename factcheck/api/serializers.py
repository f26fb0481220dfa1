"""The fields of each kind of row: of its list, of its own address, and of the schema.

`page` is the address of the public page, `url` a link to elsewhere. Other rows are named by their
slugs. What only editors see is in none of them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from factcheck.absolute_urls import address_of
from factcheck.forms.date_fields import DAY, read_date
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Evidence,
    Outlet,
    Owner,
    Topic,
    Verification,
)
from factcheck.models.base import DateTextField
from factcheck.queries import independence
from factcheck.text import known_day


class PageField(serializers.CharField):
    """The absolute address of a row's public page, made of its slug."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(source="slug", read_only=True)

    def to_representation(self, value: str) -> str:
        return address_of(self.name)(value)


def named(path: str, *, null: bool = True) -> serializers.CharField:
    """Return the field of another row's slug or name."""
    return serializers.CharField(source=path, read_only=True, allow_null=null)


class Rows:
    """The flat fields of a serializer, read by column: what a list holds. Made once: `rows_of`."""

    def __init__(self, serializer: type[serializers.Serializer]) -> None:
        fields = serializer().fields
        page = fields.pop("page", None)
        self.page = page.name if isinstance(page, PageField) else ""
        self.names = tuple(fields)
        self.columns = tuple(field.source.replace(".", "__") for field in fields.values())

    def of(self, found: Sequence[Any]) -> list[dict[str, Any]]:
        """Return objects for JSON, made of tuples that begin with `columns`."""
        rows = [dict(zip(self.names, row, strict=False)) for row in found]
        if not self.page:
            return rows
        address = address_of(self.page)
        return [{"page": address(row["slug"]), **row} for row in rows]


rows_of = lru_cache(Rows)


class TopicRow(serializers.ModelSerializer):
    page = PageField("topic-detail")

    class Meta:
        model = Topic
        fields: tuple[str, ...] = ("page", "slug", "name")


class ClaimantRow(serializers.ModelSerializer):
    page = PageField("claimant-detail")

    class Meta:
        model = Claimant
        fields: tuple[str, ...] = (
            "page",
            "slug",
            "name",
            "native_name",
            "kind",
            "role",
            "country",
            "same_as",
        )


class OwnerRow(serializers.ModelSerializer):
    class Meta:
        model = Owner
        fields: tuple[str, ...] = ("slug", "name", "kind", "country")


class ArticleRow(serializers.ModelSerializer):
    page = PageField("article-detail")
    publisher = named("publisher.slug")
    claim_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Article
        fields: tuple[str, ...] = (
            *("page", "slug", "title", "author", "publisher", "url", "published_text"),
            *("published_on", "language", "claim_count"),
        )


class OutletRow(serializers.ModelSerializer):
    page = PageField("outlet-detail")
    owner = named("owner.slug")
    speaks_for = named("speaks_for.slug")
    claim_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Outlet
        fields: tuple[str, ...] = (
            *("page", "slug", "name", "native_name", "kind", "control", "owner", "speaks_for"),
            *("country", "languages", "domain", "homepage", "note", "claim_count"),
        )


class CitationRow(serializers.ModelSerializer):
    claim = named("claim.slug", null=False)
    outlet = named("outlet.slug", null=False)
    outlet_name = named("outlet.name", null=False)
    control = named("outlet.control", null=False)
    reprint_of = named("reprint_of.slug")

    class Meta:
        model = Citation
        fields: tuple[str, ...] = (
            *("ref", "claim", "outlet", "outlet_name", "control", "stance", "role", "reprint_of"),
            *("date_text", "published_on", "date_end", "title", "url", "archived_url", "quote"),
        )


class VerificationRow(serializers.ModelSerializer):
    claim = named("claim.slug", null=False)
    publisher = named("publisher.slug")
    publisher_name = named("publisher.name")

    class Meta:
        model = Verification
        fields: tuple[str, ...] = (
            *("number", "ref", "kind", "claim", "statement", "status", "label", "reason"),
            *("publisher", "publisher_name", "url", "byline", "reviewed_on", "created_at"),
        )


class ClaimRow(serializers.ModelSerializer):
    page = PageField("claim-detail")
    claimant = named("claimant.slug")
    claimant_name = named("claimant.name")
    article = named("article.slug")

    class Meta:
        model = Claim
        fields: tuple[str, ...] = (
            *("page", "slug", "text", "language", "native_text", "native_language"),
            *("is_quotation", "claimant", "claimant_name", "claimed_on", "article", "paragraph"),
            *("status", "citation_count", "outlet_count", "independent_count"),
            *("published_at", "updated_at"),
        )


class EvidenceRow(serializers.ModelSerializer):
    class Meta:
        model = Evidence
        fields: tuple[str, ...] = (
            "title",
            "publisher_name",
            "url",
            "archived_url",
            "quote",
            "accessed_on",
        )


# One row at its own address: the flat fields, and what belongs to it


class VerificationDetail(VerificationRow):
    evidence = EvidenceRow(many=True, read_only=True)

    class Meta(VerificationRow.Meta):
        fields: tuple[str, ...] = (*VerificationRow.Meta.fields, "evidence")


class FamilyDetail(serializers.Serializer):
    """The outlets of one owner that support the claim; they count as one source."""

    name = serializers.CharField()
    has_known_owner = serializers.BooleanField()
    is_state_controlled = serializers.BooleanField()
    outlets = serializers.ListField(child=serializers.CharField())
    citations = serializers.ListField(child=serializers.CharField())


class ClaimDetail(ClaimRow):
    topics = serializers.SlugRelatedField("slug", many=True, read_only=True)
    citations = CitationRow(many=True, source="cited", read_only=True)
    families = serializers.SerializerMethodField()
    verifications = VerificationDetail(many=True, source="log", read_only=True)

    class Meta(ClaimRow.Meta):
        fields: tuple[str, ...] = (
            *ClaimRow.Meta.fields,
            *("stage", "retracted_at", "retraction_reason", "topics", "citations", "families"),
            "verifications",
        )

    @extend_schema_field(FamilyDetail(many=True))
    def get_families(self, claim: Claim) -> Any:
        return [
            {
                "name": family.name,
                "has_known_owner": family.has_known_owner,
                "is_state_controlled": family.is_state_controlled,
                "outlets": [outlet.slug for outlet in family.outlets],
                "citations": [citation.ref for citation in family.citations],
            }
            for family in independence.families(claim.cited)
        ]


class ClaimInList(ClaimRow):
    """What `expand` adds to a claim of the list."""

    citations = CitationRow(many=True, required=False)
    verifications = VerificationDetail(many=True, required=False)

    class Meta(ClaimRow.Meta):
        fields: tuple[str, ...] = (*ClaimRow.Meta.fields, "citations", "verifications")


class OwnerDetail(OwnerRow):
    outlets = serializers.SerializerMethodField()

    class Meta(OwnerRow.Meta):
        fields: tuple[str, ...] = (*OwnerRow.Meta.fields, "outlets")

    def get_outlets(self, owner: Owner) -> list[str]:
        outlets = Outlet.objects.public().filter(owner=owner).order_by("slug")
        return list(outlets.values_list("slug", flat=True))


class RecordDetail(serializers.Serializer):
    """How many published claims that the outlet supports have which status now."""

    voice = serializers.DictField(child=serializers.IntegerField())
    alone = serializers.DictField(child=serializers.IntegerField())
    repeats = serializers.DictField(child=serializers.IntegerField())


class OutletDetail(OutletRow):
    aliases = serializers.SlugRelatedField("name", many=True, read_only=True)
    siblings = serializers.SerializerMethodField()
    record = RecordDetail(read_only=True)

    class Meta(OutletRow.Meta):
        fields: tuple[str, ...] = (*OutletRow.Meta.fields, "aliases", "siblings", "record")

    def get_siblings(self, outlet: Outlet) -> list[str]:
        return list(outlet.siblings().order_by("slug").values_list("slug", flat=True))


# What editors send


class OutletNameField(serializers.SlugRelatedField):
    """An outlet's slug, or any name, domain or address under which it is known."""

    def __init__(self, **options: Any) -> None:
        super().__init__("slug", queryset=Outlet.objects.all(), **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "" and not self.allow_null:
            return self.to_internal_value(data)  # which would be taken for null
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        typed = serializers.CharField(max_length=500).run_validation(data)
        outlet = Outlet.objects.select_related("merged_into").filter(slug=typed).first()
        found: Any = (outlet.merged_into or outlet) if outlet else Outlet.objects.resolve(typed)
        if found is None:
            raise serializers.ValidationError(_("No outlet is known by this name. Add it first."))
        return found


class ClaimantField(serializers.SlugRelatedField):
    """A claimant's slug; of one that was merged, the other is meant."""

    def __init__(self, **options: Any) -> None:
        known = Claimant.objects.select_related("merged_into")
        super().__init__("slug", queryset=known, **options)

    def to_internal_value(self, data: Any) -> Any:
        claimant: Any = super().to_internal_value(data)
        return claimant.merged_into or claimant


class DayField(serializers.DateField):
    """A full date, in any of the forms that the site reads."""

    def to_internal_value(self, value: Any) -> date | None:
        if isinstance(value, str) and value.strip():
            return known_day(read_date(value, DAY))
        return super().to_internal_value(value)


class KnownDateField(serializers.CharField):
    """A date as far as it is known, in any of the forms that the site reads."""

    def to_internal_value(self, data: Any) -> str:
        return read_date(super().to_internal_value(data))


class Draft(serializers.ModelSerializer):
    """What an editor sends: its dates are read as forms read them."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: DayField,
        DateTextField: KnownDateField,
    }


def _slug_of(model: Any, **options: Any) -> serializers.SlugRelatedField:
    return serializers.SlugRelatedField(
        "slug", queryset=model.objects.all(), required=False, **options
    )


class ClaimDraft(Draft):
    claimant = ClaimantField(required=False, allow_null=True)
    article = _slug_of(Article, allow_null=True)
    topics = _slug_of(Topic, many=True)

    class Meta:
        model = Claim
        fields: tuple[str, ...] = (
            *("text", "language", "native_text", "native_language", "is_quotation", "source_text"),
            *("claimant", "claimed_on", "article", "paragraph", "topics"),
        )


class CitationDraft(Draft):
    outlet = OutletNameField()
    reprint_of = OutletNameField(required=False, allow_null=True)
    reason = serializers.CharField(
        required=False,
        write_only=True,
        max_length=5000,
        help_text=_("Why a published claim is changed. Readers see it. Not needed for a draft."),
    )

    class Meta:
        model = Citation
        fields: tuple[str, ...] = (
            "reason",
            *("outlet", "as_cited", "date_text", "date_end", "title", "url", "archived_url"),
            *("quote", "stance", "role", "reprint_of", "note", "position"),
        )


def page_of_rows(row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """Return the serializer of a page of a list, for the schema."""
    name = f"{row.__name__.removesuffix('Row').removesuffix('InList')}List"
    fields: Mapping[str, Any] = {
        "count": serializers.IntegerField(help_text=_("How many rows there are on all pages.")),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": row(many=True),
    }
    return type(name, (serializers.Serializer,), dict(fields))
