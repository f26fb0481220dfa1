"""The form renderer: inputs never truncate what is typed."""

from typing import Any

from django.forms import BoundField
from django.forms.renderers import DjangoTemplates


class UntruncatedField(BoundField):
    """A field whose input takes any length.

    At `maxlength`, a browser silently truncates what is typed or pasted. Without it, the field's
    validator reports a text that is too long, and nothing is lost.
    """

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> dict[str, Any]:
        return {**super().build_widget_attrs(attrs, widget), "maxlength": False}


class Renderer(DjangoTemplates):
    """Django's form renderer, with inputs that take any length."""

    bound_field_class = UntruncatedField
