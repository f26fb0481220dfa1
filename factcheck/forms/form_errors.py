"""The errors of an admin form and of its inlines as one list, in the order of the page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.text import capfirst


class Mistake(NamedTuple):
    """A message about a form, the field that it is about, and the id of that field's element."""

    section: str
    label: str
    message: str
    target: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.section, self.label, self.message) if part)


def mistakes(adminform: Any, inline_admin_formsets: Any = ()) -> list[Mistake]:
    """Return all mistakes of a form and its inlines, in the order of the page."""
    return [*_form_mistakes(adminform.form), *_inline_mistakes(inline_admin_formsets)]


def _inline_mistakes(formsets: Any) -> Iterator[Mistake]:
    for inline in formsets:
        formset, name = inline.formset, capfirst(inline.opts.verbose_name)
        for message in formset.non_form_errors():
            plural_name = capfirst(inline.opts.verbose_name_plural)
            yield Mistake(plural_name, "", message, f"{formset.prefix}-group")
        for number, form in enumerate(formset.forms, 1):
            is_single = formset.max_num == 1
            yield from _form_mistakes(form, name if is_single else f"{name} #{number}", form.prefix)


def _form_mistakes(form: Any, section: str = "", target: str = "") -> Iterator[Mistake]:
    for name, messages in form.errors.items():
        for message in messages:
            if name in form.fields:
                field = form[name]
                yield Mistake(
                    section, str(field.label), message, field.id_for_label or field.auto_id
                )
            else:
                yield Mistake(section, "", message, target)
