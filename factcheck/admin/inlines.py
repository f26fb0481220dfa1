"""The parts of a claim's page below the claim: citations, a proposal, the log."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy

from factcheck.admin.base import ReadOnlyInline
from factcheck.admin.change_reason import CitationFormSet
from factcheck.admin.date_inputs import DATE_FIELDS
from factcheck.admin.evidence import EvidenceField
from factcheck.formatting import markdown
from factcheck.models import Citation, Proposal, Verification
from factcheck.text.web_addresses import web_address


class CitationInline(admin.StackedInline):
    model = Citation
    formset = CitationFormSet
    formfield_overrides = DATE_FIELDS
    fieldsets = (
        (None, {"fields": (("outlet", "date_text", "stance"), ("url", "title"))}),
        (
            gettext_lazy("Range, role, reprint, quotation, note"),
            {
                "classes": ["collapse"],
                "fields": (
                    ("date_end", "role", "reprint_of"),
                    ("archived_url", "as_cited"),
                    ("quote", "note", "position"),
                ),
            },
        ),
    )
    autocomplete_fields = ("outlet", "reprint_of")
    show_change_link = True

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj and obj.citation_count else 2

    def get_queryset(self, request: HttpRequest) -> QuerySet[Citation]:
        return super().get_queryset(request).select_related("outlet", "reprint_of")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "quote":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 60})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ProposalForm(forms.ModelForm):
    evidence = EvidenceField(
        required=False,
        label=gettext_lazy("Evidence"),
        help_text=gettext_lazy("The records that the finding rests on, each with its link."),
    )


# The fields that make whoever changes them an author of the proposal.
_CONTENT = {"claim", "status", "label", "reason", "evidence"}


def sign(form: Any, request: HttpRequest) -> None:
    """Record the user who wrote a proposal's content as its proposer and signatory.

    Only the signatory can have the name printed.
    """
    proposal = form.instance
    changed = _CONTENT.intersection(form.changed_data)
    if proposal.proposed_by_id is None or any(_is_rewritten(form, name) for name in changed):
        proposal.add_author(request.user)
    elif proposal.proposed_by_id != request.user.pk:
        proposal.is_signed = form.initial.get("is_signed", False)


def _is_rewritten(form: Any, name: str) -> bool:
    """Return whether a field has changed, apart from how the browser ends its lines."""
    old, new = form.initial.get(name), form.cleaned_data.get(name)
    if isinstance(old, str) and isinstance(new, str):
        return old.splitlines() != new.splitlines()
    return bool(old != new)


class ProposalInline(admin.StackedInline):
    """The claim's open proposal, or an empty one."""

    model = Proposal
    form = ProposalForm
    extra = 1
    max_num = 1
    can_delete = False
    verbose_name = gettext_lazy("Propose a finding")
    fields = ("status", "label", "reason", "evidence", "is_signed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        return super().get_queryset(request).open()  # type: ignore[attr-defined]


class VerificationInline(ReadOnlyInline):
    """The log of the claim, read-only."""

    model = Verification
    fields = ("kind", "status", "reason_text", "rests_on", "publisher", "reviewer", "reviewed_on")
    readonly_fields = fields
    verbose_name_plural = gettext_lazy("Verifications so far")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verification]:
        return super().get_queryset(request).for_page().select_related("reviewer")  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("reason"))
    def reason_text(self, entry: Verification) -> str:
        return markdown(entry.reason)

    @admin.display(description=gettext_lazy("evidence"))
    def rests_on(self, entry: Verification) -> str:
        links = (
            format_html('<a href="{}" rel="noopener">{}</a>', record.url, record)
            if web_address(record.url)
            else str(record)
            for record in entry.evidence.all()
        )
        return format_html_join(", ", "{}", ((link,) for link in links)) or "-"
