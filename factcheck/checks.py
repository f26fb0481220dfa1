"""System checks of naming: moments end in `_at`, dates in `_on`."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

# The last day of a range, and sort keys.
_EXCEPTIONS = {"date_end", "newest_day", "oldest_day"}


@register
def check_names_of_dates(**kwargs: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    for model in apps.get_app_config("factcheck").get_models():
        if model.__name__.startswith("Historical"):
            continue
        for field in model._meta.concrete_fields:
            suffix = (
                "_at"
                if isinstance(field, models.DateTimeField)
                else "_on"
                if isinstance(field, models.DateField)
                else ""
            )
            if not field.name.endswith(suffix) and field.name not in _EXCEPTIONS:
                errors.append(
                    Error(
                        f"{model.__name__}.{field.name} should end in {suffix}",
                        obj=model,
                        id="factcheck.E001",
                    )
                )
    return errors
