"""Fields, validators and defaults that several models use."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator, URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.text.dates import is_date_text
from factcheck.text.slugs import new_ref

country_code = RegexValidator(
    r"\A[A-Z]{2}\Z", _("Write a country as its two-letter ISO 3166 code, such as KZ.")
)
language_code = RegexValidator(
    r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", _("Write a language as its BCP 47 code, such as kk.")
)
language_codes = RegexValidator(
    r"\A[a-z]{2,3}(,[a-z]{2,3})*\Z", _("Write language codes parted by commas, such as kk,ru.")
)


def date_text(value: str) -> None:
    if not is_date_text(value):
        raise ValidationError(
            _("Write the date as 2021-08-20, --08-20 (year unknown), 2021-08 or 2021.")
        )


def max_characters(limit: int) -> MaxLengthValidator:
    """Return a validator of the length of a text that people write.

    It is not the field's `max_length`, with which a browser cuts off pasted text without telling.
    """
    return MaxLengthValidator(
        limit, _("This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.")
    )


# Imported fact-checks have the same limits.
text_length = max_characters(20_000)
reason_length = max_characters(50_000)


class DateTextField(models.CharField):
    """A date as far as it is known: `2021-08-20`, `--08-20`, `2021-08`, `2021` or empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults = {"max_length": 10, "blank": True, "default": "", "validators": [date_text]}
        super().__init__(*args, **{**defaults, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        # For the database it is an ordinary text column.
        return name, "django.db.models.CharField", args, kwargs


NO_WEB_ADDRESS = _("Write a web address that begins with http:// or https://.")


class LinkField(models.URLField):
    """A web address with http or https. A form adds https where the scheme is missing."""

    default_validators = [URLValidator(["http", "https"], message=NO_WEB_ADDRESS)]

    def formfield(self, **kwargs: Any) -> Any:
        messages = {"invalid": NO_WEB_ADDRESS}
        return super().formfield(**{"assume_scheme": "https", "error_messages": messages, **kwargs})


def moment() -> datetime:
    """Return the current time, cut to the millisecond.

    Django's serializers write milliseconds, and a record's digest must not change when a dump is
    loaded.
    """
    time = timezone.now()
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def ref_field() -> models.CharField:
    """Return a field for a short random reference, the natural key of records without a name.

    This is a function because the history copies the field without its uniqueness, which a field
    class of its own would not allow.
    """
    return models.CharField(
        _("reference"), max_length=60, unique=True, default=new_ref, editable=False
    )


def user_field(label: Any, *, related_name: str = "+", **options: Any) -> models.ForeignKey:
    """Return a field for the editor who did something; empty for an import or a command."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name=related_name,
        verbose_name=label,
        **options,
    )
