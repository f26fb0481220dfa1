"""The reason that a form must give for changing a public claim, and its entry in the record."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from factcheck import editing
from factcheck.http.form_recovery import PREVIEW
from factcheck.models import Citation


def missing_reason_error() -> ValidationError:
    return ValidationError(
        _(
            "This claim is public. Say why you change it, in “Reason of the change” at the end of"
            " this form: readers will see it."
        ),
        code="reason",
    )


def lacks_reason(data: Any) -> bool:
    """Return whether a sent form lacks the reason of its change; a preview needs none."""
    return PREVIEW not in data and not str(data.get("change_reason", "")).strip()


class CitationFormSet(BaseInlineFormSet):
    """The citations of a claim. Changing those of a public claim needs a reason."""

    def total_form_count(self) -> int:
        """Return how many citations were sent, whatever number the form claims."""
        count = super().total_form_count()
        if not self.is_bound:
            return count
        pattern = re.compile(rf"{re.escape(str(self.prefix))}-(\d{{1,6}})-")
        indexes = (int(match[1]) for name in self.data if (match := pattern.match(name)))
        return min(count, max(self.initial_form_count(), max(indexes, default=-1) + 1))

    def clean(self) -> None:
        super().clean()
        if self.instance.pk and self.instance.is_public and lacks_reason(self.data):
            for form in self.forms:
                is_deleted = form in self.deleted_forms and form.instance.pk
                if is_deleted or editing.changes_content(
                    self.instance, Citation, form.changed_data
                ):
                    raise missing_reason_error()


def record_form(request: HttpRequest, claim_id: int, form: Any) -> None:
    """Append what a form has changed of a public claim to the record, with the form's reason."""
    reason = form.cleaned_data.get("change_reason")
    if reason:
        editing.record_change(claims=[claim_id], reason=reason, by=request.user)  # type: ignore[arg-type]
