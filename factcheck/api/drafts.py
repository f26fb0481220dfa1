"""The rows that editors send to the API: a draft of a claim, and a citation."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from factcheck.forms.date_fields import FULL_DATE, read_date
from factcheck.models import Article, Citation, Claim, Claimant, Outlet, Topic
from factcheck.models.fields import DateTextField
from factcheck.text.dates import full_date


class OutletNameField(serializers.SlugRelatedField):
    """An outlet's slug, or any name, domain or address of it."""

    def __init__(self, **options: Any) -> None:
        super().__init__("slug", queryset=Outlet.objects.all(), **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "" and not self.allow_null:
            return self.to_internal_value(data)  # the library would take it for null
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        typed = serializers.CharField(max_length=500).run_validation(data)
        by_slug = Outlet.objects.select_related("merged_into").filter(slug=typed).first()
        outlet: Any = (by_slug.merged_into or by_slug) if by_slug else Outlet.objects.resolve(typed)
        if outlet is None:
            raise serializers.ValidationError(_("No outlet is known by this name. Add it first."))
        return outlet


class ClaimantField(serializers.SlugRelatedField):
    """A claimant's slug; a merged claimant's stands for the one it was merged into."""

    def __init__(self, **options: Any) -> None:
        claimants = Claimant.objects.select_related("merged_into")
        super().__init__("slug", queryset=claimants, **options)

    def to_internal_value(self, data: Any) -> Any:
        claimant: Any = super().to_internal_value(data)
        return claimant.merged_into or claimant


class FullDateField(serializers.DateField):
    """A full date, in any of the notations that the site reads."""

    def to_internal_value(self, value: Any) -> date | None:
        if isinstance(value, str) and value.strip():
            return full_date(read_date(value, FULL_DATE))
        return super().to_internal_value(value)


class PartialDateField(serializers.CharField):
    """A date of which a part may be unknown, in any of the notations that the site reads."""

    def to_internal_value(self, data: Any) -> str:
        return read_date(super().to_internal_value(data))


class Draft(serializers.ModelSerializer):
    """A new row from an editor: its dates are read as the forms of the site read them."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: FullDateField,
        DateTextField: PartialDateField,
    }


def _slug_field(model: Any, **options: Any) -> serializers.SlugRelatedField:
    return serializers.SlugRelatedField(
        "slug", queryset=model.objects.all(), required=False, **options
    )


class ClaimDraft(Draft):
    claimant = ClaimantField(required=False, allow_null=True)
    article = _slug_field(Article, allow_null=True)
    topics = _slug_field(Topic, many=True)

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
