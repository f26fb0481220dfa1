"""The form field for a proposal's evidence: a list of records, which a script can extend."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from factcheck.admin.date_inputs import DATES_SCRIPT, reader_address, typed_date_in_words
from factcheck.forms.date_fields import FULL_DATE, read_date
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
_EMPTY_ROWS = 2
_MAX_RECORDS = 50


class EvidenceWidget(forms.Widget):
    """Inputs for each record and for two new ones, and a button for more.

    Inputs that are left empty make no record.
    """

    template_name = "factcheck/widgets/evidence.html"

    class Media:
        js = (DATES_SCRIPT,)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        labels = {field.name: field.verbose_name for field in Evidence._meta.fields}
        records = [row for row in value or [] if isinstance(row, dict)]
        context = super().get_context(name, value, attrs)
        context["reader"] = reader_address(FULL_DATE)
        context["most"] = _MAX_RECORDS
        context["rows"] = [
            [
                {
                    "name": f"{name}-{index}-{key}",
                    "label": labels[key],
                    "type": kind,
                    "value": record.get(key) or "",
                    "is_date": key == _DATE,
                    "words": typed_date_in_words(record.get(key), FULL_DATE)
                    if key == _DATE
                    else "",
                }
                for key, kind in _INPUTS.items()
            ]
            for index, record in enumerate([*records, *({} for _ in range(_EMPTY_ROWS))])
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        pattern = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-")
        indexes = {int(match[1]) for key in data if (match := pattern.match(key))}
        rows = [
            {
                key: text
                for key in _INPUTS
                if (text := data.get(f"{name}-{index}-{key}", "").strip())
            }
            for index in sorted(indexes)
        ]
        return [row for row in rows if row]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class EvidenceField(forms.Field):
    """A list of records as plain dictionaries; `Proposal.clean` validates them."""

    widget = EvidenceWidget

    def clean(self, value: Any) -> Any:
        if len(value) > _MAX_RECORDS:
            raise forms.ValidationError(
                _("Give at most %(most)d records.") % {"most": _MAX_RECORDS}
            )
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
    records, problems = [], []
    for number, row in enumerate(rows, 1):
        try:
            date = {_DATE: read_date(row[_DATE], FULL_DATE)} if row.get(_DATE) else {}
        except forms.ValidationError as error:
            problems += [
                _("Record %(place)d: %(problem)s") % {"place": number, "problem": problem}
                for problem in error.messages
            ]
        else:
            records.append({**row, **date})
    if problems:
        raise forms.ValidationError(problems)
    return records
