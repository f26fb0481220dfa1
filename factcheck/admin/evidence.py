"""The form field for a proposal's evidence: records that are added by a script, or without one."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from factcheck.admin.date_inputs import DATES_SCRIPT, reader_address, understood
from factcheck.forms.date_fields import DAY, read_date
from factcheck.models import Evidence

_DATE = "accessed_on"
_INPUTS = {
    "title": "text",
    "publisher_name": "text",
    "url": "url",
    "archived_url": "url",
    _DATE: "text",
    "quote": "textarea",
}
_SPARE = 2
_MOST = 50


class EvidenceWidget(forms.Widget):
    """Inputs for each record and two spare ones, and a button for more.

    Inputs that are left empty make no record.
    """

    template_name = "factcheck/widgets/evidence.html"

    class Media:
        js = (DATES_SCRIPT,)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        labels = {field.name: field.verbose_name for field in Evidence._meta.fields}
        records = [row for row in value or [] if isinstance(row, dict)]
        context = super().get_context(name, value, attrs)
        context["reader"] = reader_address(DAY)
        context["most"] = _MOST
        context["rows"] = [
            [
                {
                    "name": f"{name}-{place}-{key}",
                    "label": labels[key],
                    "type": kind,
                    "value": record.get(key) or "",
                    "is_date": key == _DATE,
                    "words": understood(record.get(key), DAY) if key == _DATE else "",
                }
                for key, kind in _INPUTS.items()
            ]
            for place, record in enumerate([*records, *({} for _ in range(_SPARE))])
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        numbers = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-")
        places = {int(found[1]) for key in data if (found := numbers.match(key))}
        rows = [
            {
                key: text
                for key in _INPUTS
                if (text := data.get(f"{name}-{place}-{key}", "").strip())
            }
            for place in sorted(places)
        ]
        return [row for row in rows if row]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class EvidenceField(forms.Field):
    """A list of records as plain dictionaries; `Proposal.clean` judges them."""

    widget = EvidenceWidget

    def clean(self, value: Any) -> Any:
        if len(value) > _MOST:
            raise forms.ValidationError(_("Give at most %(most)d records.") % {"most": _MOST})
        for text in (text for row in value for text in row.values()):
            ProhibitNullCharactersValidator()(text)
        return super().clean(_with_dates(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            data = _with_dates(data or [])
        except forms.ValidationError:
            return True
        return (initial or []) != data


def _with_dates(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Return records with their dates as they are stored; a ValidationError names the record."""
    found, problems = [], []
    for place, row in enumerate(rows, 1):
        try:
            found.append({**row, _DATE: read_date(row[_DATE], DAY)} if row.get(_DATE) else row)
        except forms.ValidationError as error:
            problems += [
                _("Record %(place)d: %(problem)s") % {"place": place, "problem": problem}
                for problem in error.messages
            ]
    if problems:
        raise forms.ValidationError(problems)
    return found
