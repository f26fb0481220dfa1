"""The effects of a change on public claims in sentences, and the form that asks first."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.admin.edit_conflicts import ConflictCheckedForm
from factcheck.editing import effects
from factcheck.editing.effects import Effects

SEEN_EFFECTS, GO_BACK = "effects_seen", "_go_back"


def effect_sentences(effects: Effects) -> list[str]:
    """Return a sentence for each effect of a change on the counts of public claims."""
    counts = {
        ngettext(
            "%d public claim loses an independent source.",
            "%d public claims lose an independent source.",
            effects.lose,
        ): effects.lose,
        ngettext(
            "%d of them is left with one independent source.",
            "%d of them are left with one independent source.",
            effects.to_one,
        ): effects.to_one,
        ngettext(
            "%d of them is left without any.", "%d of them are left without any.", effects.to_zero
        ): effects.to_zero,
        ngettext(
            "%d public claim gains an independent source.",
            "%d public claims gain an independent source.",
            effects.gain,
        ): effects.gain,
        ngettext(
            "Of %d public claim only the number of outlets changes.",
            "Of %d public claims only the number of outlets changes.",
            effects.outlets_only,
        ): effects.outlets_only,
    }
    return [sentence % count for sentence, count in counts.items() if count]


def effects_context(effects: Effects | None) -> dict[str, object]:
    """Return the context of the template that shows effects."""
    return {"effects": effects, "sentences": effect_sentences(effects)} if effects else {}


class OutletForm(ConflictCheckedForm):
    """Asks before it saves a new owner that changes the counts of public claims."""

    # The admin sets it for each request.
    is_suggestion = False
    effects: Effects | None = None

    def clean(self) -> Any:
        cleaned = super().clean()
        is_new_owner = "owner" in self.changed_data and "owner" in self.cleaned_data
        if self.instance.pk and is_new_owner and not self.is_suggestion:
            owner = self.cleaned_data["owner"]
            if predicted := effects.predict_owner_change({self.instance.pk: owner and owner.pk}):
                self._ask(predicted)
        return cleaned

    def _ask(self, predicted: Effects) -> None:
        """Raise a ValidationError unless the editor who sent the form has seen the effects."""
        if GO_BACK in self.data:
            raise ValidationError(_("Nothing was saved."))
        self.effects = predicted
        if not self.cleaned_data.get("change_reason", "").strip():
            text = _("Counts of public claims change: give a reason for readers.")
            self.add_error("change_reason", text)
        if self.data.get(SEEN_EFFECTS) != predicted.digest:
            raise ValidationError(_("Nothing was saved yet. Read what this change does."))
