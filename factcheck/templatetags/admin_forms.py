"""Tags of the admin's form templates: the list of errors, and the folded parts that hold one."""

from typing import Any

from django import template

from factcheck.forms.form_errors import mistakes

register = template.Library()
register.simple_tag(mistakes)


@register.filter
def has_mistakes(fieldset: Any) -> bool:
    """Return whether a field of this fieldset has an error: then it is not folded away."""
    return any(line.errors() for line in fieldset)
