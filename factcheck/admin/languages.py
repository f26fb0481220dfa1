"""The form field for a language: chosen or typed by its name, stored as its code."""

from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from factcheck.formatting import language_name
from factcheck.models.fields import language_code
from factcheck.text.normalize import fold


@lru_cache(20)
def _codes_by_name(page_language: str) -> dict[str, str]:
    """Return the code of each language by its name in the language of a page."""
    with override(page_language):
        return {
            str(language_name(code)): code for code, info in LANG_INFO.items() if "name" in info
        }


@lru_cache(1)
def _codes() -> dict[str, str]:
    """Return the code of each language by every name that editors may write, folded."""
    local = {info["name_local"]: code for code, info in LANG_INFO.items() if "name_local" in info}
    tables = [local, *(_codes_by_name(code) for code, _label in settings.LANGUAGES)]
    return {fold(name): code for table in tables for name, code in table.items()}


class LanguageInput(forms.TextInput):
    """An input that offers languages by their names in the language of the page."""

    template_name = "factcheck/widgets/language.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        offered = f"{context['widget']['attrs'].get('id', name)}-names"
        context["widget"]["attrs"] |= {"list": offered, "autocomplete": "off"}
        return {**context, "offered": offered, "names": sorted(_codes_by_name(get_language()))}


class LanguageField(forms.CharField):
    """A language, by its name in any language of the site, its own name for itself, or its code."""

    widget = LanguageInput

    def prepare_value(self, value: Any) -> Any:
        name = str(language_name(value)) if value else ""
        return name if _codes().get(fold(name)) == value else value

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        code = _codes().get(fold(typed), typed)
        if code:
            try:
                language_code(code)
            except ValidationError as error:
                raise ValidationError(
                    _("No language is called “%(name)s”. Choose one of the list.")
                    % {"name": typed},
                    "invalid",
                ) from error
        return code
