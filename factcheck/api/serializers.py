"""The fields of each kind of row: in its list, at its own address, and in the schema.

`page` is the address of the public page, `url` a link to another site. Related rows are named by
their slugs. No serializer has a field that only editors may see.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from factcheck.api.flat_rows import PageField
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
from factcheck.queries import independence


def named(path: str, *, null: bool = True) -> serializers.CharField:
    """Return the field of a related row's slug or name."""
    return serializers.CharField(source=path, read_only=True, allow_null=null)


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
            *("page", "slug", "name", "native_name", "kind", "role", "country", "same_as"),
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
            *("title", "publisher_name", "url", "archived_url", "quote", "accessed_on"),
        )


# A row at its own address: the flat fields, and its related rows


class VerificationDetail(VerificationRow):
    evidence = EvidenceRow(many=True, read_only=True)

    class Meta(VerificationRow.Meta):
        fields: tuple[str, ...] = (*VerificationRow.Meta.fields, "evidence")


class FamilyDetail(serializers.Serializer):
    """The outlets of one owner that support the claim: they count as one source."""

    name = serializers.CharField()
    has_known_owner = serializers.BooleanField()
    is_state_controlled = serializers.BooleanField()
    outlets = serializers.ListField(child=serializers.CharField())
    citations = serializers.ListField(child=serializers.CharField())


class ClaimDetail(ClaimRow):
    topics = serializers.SerializerMethodField()
    citations = CitationRow(many=True, source="cited", read_only=True)
    families = serializers.SerializerMethodField()
    verifications = VerificationDetail(many=True, source="log", read_only=True)

    class Meta(ClaimRow.Meta):
        fields: tuple[str, ...] = (
            *ClaimRow.Meta.fields,
            *("stage", "retracted_at", "retraction_reason", "topics", "citations", "families"),
            "verifications",
        )

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_topics(self, claim: Claim) -> list[str]:
        return [topic.slug for topic in claim.topic_list]

    @extend_schema_field(FamilyDetail(many=True))
    def get_families(self, claim: Claim) -> Any:
        return [
            {
                "name": group.name,
                "has_known_owner": group.has_known_owner,
                "is_state_controlled": group.is_state_controlled,
                "outlets": [outlet.slug for outlet in group.outlets],
                "citations": [citation.ref for citation in group.citations],
            }
            for group in independence.owner_groups(claim.cited)
        ]


class ClaimInList(ClaimRow):
    """A claim in the list, with what `expand` adds."""

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
    """The number of published claims that the outlet supports, by their present status."""

    voice = serializers.DictField(source="own", child=serializers.IntegerField())
    alone = serializers.DictField(source="sole", child=serializers.IntegerField())
    repeats = serializers.DictField(source="reprinted", child=serializers.IntegerField())


class OutletDetail(OutletRow):
    aliases = serializers.SlugRelatedField("name", many=True, read_only=True)
    siblings = serializers.SerializerMethodField()
    record = RecordDetail(read_only=True)

    class Meta(OutletRow.Meta):
        fields: tuple[str, ...] = (*OutletRow.Meta.fields, "aliases", "siblings", "record")

    def get_siblings(self, outlet: Outlet) -> list[str]:
        return list(outlet.siblings().order_by("slug").values_list("slug", flat=True))


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
