"""What an editor changes of a public claim: it needs a reason, and enters the public record."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from factcheck import editing
from factcheck.http.form_recovery import PREVIEW

# What gives a claim, and a citation, its meaning: what the public record holds of them.
OF_CLAIM = {
    *("text", "language", "is_quotation", "native_text", "native_language"),
    *("claimant", "claimed_on"),
}
OF_CITATION = {
    *("outlet", "date_text", "date_end", "stance", "role", "reprint_of", "url", "quote"),
}


def reason_missing() -> ValidationError:
    return ValidationError(
        _(
            "This claim is public. Say why you change it, in “Reason of the change” at the end of"
            " this form: readers will see it."
        ),
        code="reason",
    )


def needs_reason(data: Any) -> bool:
    """Return whether a form that was sent lacks a reason. One that is only looked at needs none."""
    return PREVIEW not in data and not str(data.get("change_reason", "")).strip()


class CitationFormSet(BaseInlineFormSet):
    """The citations of a claim. Those of a public one are not changed without a reason."""

    def total_form_count(self) -> int:
        """Return how many citations were sent: a form that claims millions makes none of them."""
        count = super().total_form_count()
        if not self.is_bound:
            return count
        sent = re.compile(rf"{re.escape(str(self.prefix))}-(\d{{1,6}})-")
        numbers = (int(found[1]) for name in self.data if (found := sent.match(name)))
        return min(count, max(self.initial_form_count(), max(numbers, default=-1) + 1))

    def clean(self) -> None:
        super().clean()
        if self.instance.pk and self.instance.is_public and needs_reason(self.data):
            for form in self.forms:
                is_gone = form in self.deleted_forms and form.instance.pk
                if is_gone or OF_CITATION.intersection(form.changed_data):
                    raise reason_missing()


def record(request: HttpRequest, claim_id: int, form: Any) -> None:
    """Append what a form has changed of a public claim to the record, with the form's reason."""
    reason = form.cleaned_data.get("change_reason")
    if reason:
        editing.record(claims=[claim_id], reason=reason, by=request.user)  # type: ignore[arg-type]
