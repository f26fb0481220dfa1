"""Filters: what a parameter of a query string may hold, and which rows it lets through."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db.models import Choices, Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.forms.date_fields import FullDateField
from factcheck.models.base import MergeableModel


class ManyField(forms.Field):
    """Every value of a repeated parameter; each must pass the field's validators."""

    widget = forms.SelectMultiple
    default_validators = [ProhibitNullCharactersValidator()]
    # Each value is in every link of the page: without a limit, a page grows with the square.
    MAX_VALUES = 50

    def clean(self, value: Any) -> list[Any]:
        values = list(dict.fromkeys(item.strip() for item in value or [] if item.strip()))
        if len(values) > self.MAX_VALUES:
            raise ValidationError(_("Choose at most %(most)d values.") % {"most": self.MAX_VALUES})
        for item in values:
            self.run_validators(item)
        return self.look_up(values)

    def look_up(self, values: list[str]) -> list[Any]:
        return values


class RowsField(ManyField):
    """Slugs of public records of one model, cleaned to the records.

    The slug of a merged record stands for the record that it was merged into.
    """

    def __init__(self, *args: Any, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(*args, **kwargs)

    def look_up(self, values: list[str]) -> list[Any]:
        manager: Any = self.model._default_manager
        public = manager.public().without_editor_fields().filter(slug__in=values) if values else ()
        by_slug = {row.slug: row for row in public}
        unknown = [value for value in values if value not in by_slug]
        if unknown and issubclass(self.model, MergeableModel):
            by_slug |= manager.merge_targets(unknown)
            unknown = [value for value in unknown if value not in by_slug]
        if unknown:
            raise ValidationError(_("There is no “%(value)s” here.") % {"value": unknown[0]})
        return [by_slug[value] for value in values]


class Condition(django_filters.Filter):
    """A filter of a list: its form field, and the condition for the list's queryset.

    `field` is the model's field; without it, that of the filter's own name.
    """

    def __init__(self, *, field: str | None = None, lookup: str = "in", **kwargs: Any) -> None:
        super().__init__(field_name=field, lookup_expr=lookup, required=False, **kwargs)

    def q(self, value: Any) -> Q:
        """Return the condition for the queryset. The claims list uses the facet index instead."""
        return Q(**{f"{self.field_name}__{self.lookup_expr}": self.plain(value)})

    def plain(self, value: Any) -> Any:
        """Return a clean value as codes, record ids, a date or a number."""
        return value


class Codes(Condition):
    """Lets through rows with one of several codes: choices with labels, or a pattern."""

    field_class = ManyField

    def __init__(self, allowed: type[Choices] | Mapping[str, Any] | str, **kwargs: Any) -> None:
        problem = gettext_lazy("“%(value)s” is not one of the choices.")
        if isinstance(allowed, str):
            self.labels: Mapping[str, Any] = {}
            self.pattern = allowed
        else:
            self.labels = allowed if isinstance(allowed, Mapping) else dict(allowed.choices)
            self.pattern = "|".join(self.labels)
        validator = RegexValidator(rf"\A(?:{self.pattern})\Z", problem)
        super().__init__(validators=[validator], **kwargs)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.labels)


class Rows(Condition):
    """Lets through rows that belong to one of several public records."""

    field_class = RowsField

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        super().__init__(model=model, **kwargs)

    def plain(self, value: Any) -> Any:
        return [row.pk for row in value]


class Days(Condition):
    """Lets through rows on one side of a date."""

    field_class = FullDateField


class LastDays(Days):
    """Like `Days`, for citations: a range of dates counts as long as its last day."""

    def q(self, value: Any) -> Q:
        return super().q(value) | Q(date_end__gte=value)


class Number(Condition):
    """Lets through rows with at least, or at most, a number."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=1_000_000, **kwargs)
