"""How the site's forms are rendered."""

from typing import Any

from django.forms import BoundField
from django.forms.renderers import DjangoTemplates


class UncutField(BoundField):
    """A field whose input takes any length.

    A browser cuts what is typed or pasted at `maxlength` without a word. Without it, the field's
    own validator names what is too long, and nothing is lost.
    """

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> dict[str, Any]:
        return {**super().build_widget_attrs(attrs, widget), "maxlength": False}


class Renderer(DjangoTemplates):
    """Django's own renderer, with inputs that cut nothing."""

    bound_field_class = UncutField
