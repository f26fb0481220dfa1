"""What a change does to public claims, in sentences, and the form that asks whether it is meant."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.admin.edit_conflicts import SeenForm
from factcheck.editing import effects
from factcheck.editing.effects import Effects

SEEN, GO_BACK = "effects_seen", "_go_back"


def sentences(found: Effects) -> list[str]:
    """Return what a change does to the counts of public claims, a sentence each."""
    said = {
        ngettext(
            "%d public claim loses an independent source.",
            "%d public claims lose an independent source.",
            found.lose,
        ): found.lose,
        ngettext(
            "%d of them is left with one independent source.",
            "%d of them are left with one independent source.",
            found.to_one,
        ): found.to_one,
        ngettext(
            "%d of them is left without any.", "%d of them are left without any.", found.to_zero
        ): found.to_zero,
        ngettext(
            "%d public claim gains an independent source.",
            "%d public claims gain an independent source.",
            found.gain,
        ): found.gain,
        ngettext(
            "Of %d public claim only the number of outlets changes.",
            "Of %d public claims only the number of outlets changes.",
            found.outlets_only,
        ): found.outlets_only,
    }
    return [sentence % count for sentence, count in said.items() if count]


class OutletForm(SeenForm):
    """Asks before it saves an owner that changes counts of public claims."""

    # Set by the admin for each request.
    is_suggestion = False
    effects: Effects | None = None

    def clean(self) -> Any:
        cleaned = super().clean()
        is_new_owner = "owner" in self.changed_data and "owner" in self.cleaned_data
        if self.instance.pk and is_new_owner and not self.is_suggestion:
            owner = self.cleaned_data["owner"]
            if found := effects.of_owners({self.instance.pk: owner and owner.pk}):
                self._ask(found)
        return cleaned

    def _ask(self, found: Effects) -> None:
        """Raise a ValidationError until the form is sent again by who has seen the effects."""
        is_seen = self.data.get(SEEN) == found.digest
        if GO_BACK in self.data:
            raise ValidationError(_("Nothing was saved."))
        self.effects = found
        if not self.cleaned_data.get("change_reason", "").strip():
            said = _("Counts of public claims change: give a reason for readers.")
            self.add_error("change_reason", said)
        if not is_seen:
            raise ValidationError(_("Nothing was saved yet. Read what this change does."))


def context_of(found: Effects | None) -> dict[str, object]:
    """Return what the template that shows effects needs."""
    return {"effects": found, "sentences": sentences(found)} if found else {}
