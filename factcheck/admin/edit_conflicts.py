"""Two editors of one row: the second is told what changed meanwhile, and overwrites nothing unseen.

A form carries what its editor saw, signed. If that is no longer so when it comes back, it is not
saved: it shows what changed, and saves when it is sent again. What is compared is read under the
lock that the save itself holds.
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

from factcheck.models import Claim

_SALT = "factcheck.seen"
_SHOWN = 300
# Kept by the machine, or of no meaning to an editor.
_UNTOLD = {"updated_at", "created_by", "import_ref", "start", "end", "id"}
_COUNTED = {"citation_count", "outlet_count", "independent_count"}


class SeenForm(forms.ModelForm):
    """A form that knows what its editor saw, and asks why something is changed."""

    as_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    change_reason = forms.CharField(
        required=False,
        max_length=5_000,
        label=gettext_lazy("Reason of the change"),
        help_text=gettext_lazy("Readers see it among the changes of a published page."),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.there = state(self.instance) if self.instance.pk else {}
        self.is_gone = False
        if self.there:
            self.initial["as_seen"] = signing.dumps(self.there, salt=_SALT, compress=True)

    def clean(self) -> Any:
        cleaned = super().clean()
        token = (cleaned if cleaned is not None else self.cleaned_data).get("as_seen")
        if token and self.there and (found := list(self._changed(token))):
            # Sent once more, it is saved knowingly.
            again: Any = self.data.copy()  # type: ignore[attr-defined]
            again[self.add_prefix("as_seen")] = self.initial["as_seen"]
            self.data = again
            advice = _("Nothing was saved. Look at it, and save again to keep yours.")
            if self.is_gone:
                advice = _(
                    "Nothing was saved. A part that you have open is gone: copy what you wrote,"
                    " reload the page, and put it in again."
                )
            raise ValidationError([f"{self._who()} {advice}", *found])
        return cleaned

    def _changed(self, token: str) -> Iterator[str]:
        try:
            seen = signing.loads(token, salt=_SALT)
        except signing.BadSignature:
            seen = None
        if not isinstance(seen, Mapping):
            yield _("This form is not one of ours: reload the page.")
            return
        for name in dict.fromkeys([*seen, *self.there]):
            before, now = seen.get(name, ""), self.there.get(name, "")
            if before != now:
                self.is_gone = self.is_gone or name not in self.there
                yield _("%(what)s: “%(before)s” became “%(now)s”.") % {
                    "what": name,
                    "before": before[:_SHOWN] or "–",
                    "now": now[:_SHOWN] or "–",
                }

    def _who(self) -> str:
        last = self.instance.history.select_related("history_user").first()
        if last is None:
            return _("This row was changed while you edited it.")
        name = last.history_user and last.history_user.get_username()
        return _("%(who)s changed this while you edited it (last at %(when)s).") % {
            "who": name or _("Somebody"),
            "when": date_format(localtime(last.history_date), "H:i"),
        }


def state(row: Any) -> dict[str, str]:
    """Return what an editor sees of a row, by the names of its fields; of a claim, its citations
    and open proposal, too.
    """
    found = {
        str(field.verbose_name): _said(row, field)
        for field in row._meta.concrete_fields
        if field.name not in _UNTOLD | _COUNTED
    }
    for field in row._meta.many_to_many:
        names = sorted(map(str, getattr(row, field.name).all()))
        found[str(field.verbose_name)] = ", ".join(names)
    if isinstance(row, Claim):
        for citation in row.citations.select_related("outlet", "reprint_of"):
            found[f"{citation._meta.verbose_name} {citation.ref}"] = _all(citation)
        for proposal in row.proposals.open():
            found[str(proposal._meta.verbose_name)] = _all(proposal)
    return found


def _all(row: Any) -> str:
    own = ("ref", "claim")
    values = (_said(row, f) for f in row._meta.concrete_fields if f.name not in {*_UNTOLD, *own})
    return ", ".join(filter(None, values))


def _said(row: Any, field: Any) -> str:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    value = getattr(row, field.name)
    return "" if value is None else str(value)
