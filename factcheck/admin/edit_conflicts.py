"""Detects edit conflicts: two editors who change the same record at the same time.

A form holds, signed, the values that its editor saw. If they have changed when the form is sent,
nothing is saved: the form shows the differences, and saves when it is sent again. The values are
compared under the lock that the save itself holds.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.editing.field_values import value_in_words
from factcheck.models import Claim

_SALT = "factcheck.seen"
_MAX_SHOWN = 300
# Derived by the database, or of no meaning to an editor.
_NOT_COMPARED = {
    *("updated_at", "created_by", "import_ref", "start", "end", "id"),
    *("citation_count", "outlet_count", "independent_count"),
}

# The fields that the form below adds to those of the model.
ADDED_FIELDS = ("seen_state", "change_reason")


class ConflictCheckedForm(forms.ModelForm):
    """A form that detects edit conflicts, and asks why something is changed."""

    seen_state = forms.CharField(required=False, widget=forms.HiddenInput)
    change_reason = forms.CharField(
        required=False,
        max_length=5_000,
        label=gettext_lazy("Reason of the change"),
        help_text=gettext_lazy("Readers see it among the changes of a published page."),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_state = visible_state(self.instance) if self.instance.pk else {}
        if self.current_state:
            self.initial["seen_state"] = signing.dumps(
                self.current_state, salt=_SALT, compress=True
            )

    def clean(self) -> Any:
        cleaned = super().clean()
        token = (cleaned if cleaned is not None else self.cleaned_data).get("seen_state")
        if token and self.current_state:
            self._check_conflict(token)
        return cleaned

    def _check_conflict(self, token: str) -> None:
        seen_state = _read_token(token)
        if seen_state is None:
            differences = [_("This form is not one of ours: reload the page.")]
        else:
            differences = list(_differences(seen_state, self.current_state))
        if not differences:
            return
        # Sent once more, the form is saved: its editor has seen the differences.
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("seen_state")] = self.initial["seen_state"]
        self.data = data
        advice = _("Nothing was saved. Look at it, and save again to keep yours.")
        if any(
            value and name not in self.current_state for name, value in (seen_state or {}).items()
        ):
            advice = _(
                "Nothing was saved. A part that you have open is gone: copy what you wrote,"
                " reload the page, and put it in again."
            )
        raise ValidationError([f"{self._last_editor()} {advice}", *differences])

    def _last_editor(self) -> str:
        """Return the sentence that says who has changed the record meanwhile."""
        last = self.instance.history.select_related("history_user").first()
        if last is None:
            return _("This row was changed while you edited it.")
        name = last.history_user and last.history_user.get_username()
        return _("%(who)s changed this while you edited it (last at %(when)s).") % {
            "who": name or _("Somebody"),
            "when": date_format(localtime(last.history_date), "H:i"),
        }


def _read_token(token: str) -> Mapping[str, str] | None:
    """Return the values that a form's editor saw; None if the token is not one of ours."""
    try:
        state = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return state if isinstance(state, Mapping) else None


def _differences(seen_state: Mapping[str, str], current: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*seen_state, *current]):
        old, new = seen_state.get(name, ""), current.get(name, "")
        if old != new:
            yield _("%(what)s: “%(before)s” became “%(now)s”.") % {
                "what": name,
                "before": old[:_MAX_SHOWN] or "–",
                "now": new[:_MAX_SHOWN] or "–",
            }


def visible_state(row: Any) -> dict[str, str]:
    """Return the values that an editor sees of a record, by the names of its fields.

    A claim's include its citations and its open proposal.
    """
    state = {
        str(field.verbose_name): value_in_words(row, field)
        for field in row._meta.concrete_fields
        if field.name not in _NOT_COMPARED
    }
    for field in row._meta.many_to_many:
        names = sorted(map(str, getattr(row, field.name).all()))
        state[str(field.verbose_name)] = ", ".join(names)
    if isinstance(row, Claim):
        for citation in row.citations.select_related("outlet", "reprint_of"):
            state[f"{citation._meta.verbose_name} {citation.ref}"] = _summary(citation)
        for proposal in row.proposals.open():
            state[str(proposal._meta.verbose_name)] = _summary(proposal)
    return state


def _summary(row: Any) -> str:
    values = (
        value_in_words(row, field)
        for field in row._meta.concrete_fields
        if field.name not in {*_NOT_COMPARED, "ref", "claim"}
    )
    return ", ".join(filter(None, values))
