"""What a parameter of a query string may hold, and what it asks of the rows."""

from collections.abc import Iterable
from copy import copy
from typing import Any, Self

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import facets
from factcheck.forms.date_fields import FullDateField
from factcheck.models import Claim
from factcheck.models.base import MergeableModel


class ManyField(forms.Field):
    """Every value of a repeated parameter; each must pass the field's validators."""

    widget = forms.SelectMultiple
    default_validators = [ProhibitNullCharactersValidator()]
    # Each value stands in every link of the page: without a limit a page grows with the square.
    MOST = 50

    def clean(self, value: Any) -> list[Any]:
        values = list(dict.fromkeys(item.strip() for item in value or [] if item.strip()))
        if len(values) > self.MOST:
            raise ValidationError(_("Choose at most %(most)d values.") % {"most": self.MOST})
        for item in values:
            self.run_validators(item)
        return self.found(values)

    def found(self, values: list[str]) -> list[Any]:
        return values


class RowsField(ManyField):
    """Slugs of public records of one model, cleaned to the records.

    The slug of a merged record is an address of the record that it was merged into.
    """

    def __init__(self, *args: Any, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(*args, **kwargs)

    def found(self, values: list[str]) -> list[Any]:
        known: Any = self.model._default_manager
        public = known.public().for_readers().filter(slug__in=values) if values else ()
        by_slug = {row.slug: row for row in public}
        unknown = [value for value in values if value not in by_slug]
        if unknown and issubclass(self.model, MergeableModel):
            by_slug |= known.taken_over(unknown)
            unknown = [value for value in unknown if value not in by_slug]
        if unknown:
            raise ValidationError(_("There is no “%(value)s” here.") % {"value": unknown[0]})
        return [by_slug[value] for value in values]


class Condition(django_filters.Filter):
    """A filter that says what must hold, of the claim or of one citation."""

    def __init__(
        self, field: str, lookup: str = "in", *, of: str = "claims", **kwargs: Any
    ) -> None:
        self.of = of
        super().__init__(field_name=field, lookup_expr=lookup, required=False, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # The library copies all of a list's filters for each request: nothing in ours is written.
        return copy(self)

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})

    def value(self, value: Any) -> Any:
        """Return what was chosen as codes, ids of rows, a day or a number."""
        return value


class Codes(Condition):
    """One of some codes, or of those that a pattern allows."""

    field_class = ManyField

    def __init__(self, field: str, allowed: Iterable[str] | str, **kwargs: Any) -> None:
        problem = gettext_lazy("“%(value)s” is not one of the choices.")
        self.codes = () if isinstance(allowed, str) else tuple(allowed)
        self.pattern = allowed if isinstance(allowed, str) else "|".join(self.codes)
        validator = RegexValidator(rf"\A(?:{self.pattern})\Z", problem)
        super().__init__(field, validators=[validator], **kwargs)


class Rows(Condition):
    """One of some public records."""

    field_class = RowsField

    def condition(self, value: Any) -> Q:
        return super().condition(self.value(value))

    def value(self, value: Any) -> Any:
        return [row.pk for row in value]


class Topics(Rows):
    """A semi-join: a claim with two of the topics is one claim."""

    def condition(self, value: Any) -> Q:
        return Q(pk__in=Claim.topics.through.objects.filter(topic__in=value).values("claim"))


class Days(Condition):
    field_class = FullDateField


class LastDays(Days):
    """A range of days counts as long as its last day."""

    def condition(self, value: Any) -> Q:
        return super().condition(value) | Q(date_end__gte=value)


class Number(Condition):
    field_class = forms.IntegerField

    def __init__(self, field: str, lookup: str, **kwargs: Any) -> None:
        super().__init__(field, lookup, min_value=0, max_value=1_000_000, **kwargs)


class Basis(Codes):
    def condition(self, value: Any) -> Q:
        found = Q()
        for name in value:
            found |= facets.BASIS[name]
        return found
