"""What every model shares: natural keys, slugs and the fields' validators."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator, URLValidator
from django.db import (
    DEFAULT_DB_ALIAS,
    InternalError,
    OperationalError,
    connections,
    models,
    transaction,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.text.dates import is_date_text
from factcheck.text.normalize import fold, search_words
from factcheck.text.slugs import new_ref, slugify

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


def longest(characters: int) -> MaxLengthValidator:
    """Return the validator of a text that people write. Importers have limits of their own.

    Not `max_length`, with which a browser cuts off what is pasted without a word.
    """
    return MaxLengthValidator(
        characters,
        _("This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer."),
    )


# What other publishers' fact-checks may hold as well (`fact_checks.records`).
text_length = longest(20_000)
reason_length = longest(50_000)


class DateTextField(models.CharField):
    """A date as far as it is known: `2021-08-20`, `--08-20`, `2021-08`, `2021` or empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        own = {"max_length": 10, "blank": True, "default": "", "validators": [date_text]}
        super().__init__(*args, **{**own, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        # To the database it is text like any other.
        return name, "django.db.models.CharField", args, kwargs


class NaturalKeyQuerySet(models.QuerySet):
    """Looks rows up by the model's natural key, so that fixtures need no integer ids."""

    def get_by_natural_key(self, *key: Any) -> Any:
        fields: tuple[str, ...] = self.model.natural_key_fields  # type: ignore[attr-defined]
        return self.get(**dict(zip(fields, key, strict=True)))

    def public(self) -> Self:
        """Return the records that readers may see: none, unless the model says which."""
        return self.none()

    def for_readers(self) -> Self:
        """Leave out what is long and for editors alone."""
        return self

    def give_slugs(self, rows: Iterable[Any]) -> None:
        """Give each unsaved row the slug that saving it would, with one look at those taken."""
        bases = [(row, slugify(row.slug_source()) or row._meta.model_name) for row in rows]
        taken = set(
            self.filter(slug__in={base for _row, base in bases}).values_list("slug", flat=True)
        )
        for row, base in bases:
            row.slug = base if base not in taken else row.free_slug(also=taken)
            taken.add(row.slug)

    def worded(self, typed: str, *fields: str) -> Self:
        """Narrow to rows whose `fields` hold every word typed, whatever their case and script.

        SQLite folds ASCII alone, so rows are folded as they are read: for tables of some
        thousand names. Claims have an index (`factcheck.search`).
        """
        looked_for = search_words(typed)
        if not looked_for:
            return self
        rows = self.order_by().values_list("pk", *fields)
        return self.filter(
            pk__in=[
                pk
                for pk, *names in rows
                if all(word in fold(" ".join(names)) for word in looked_for)
            ]
        )


class NaturalKeyModel(models.Model):
    """A row that is known by `natural_key_fields`."""

    natural_key_fields: ClassVar[tuple[str, ...]] = ("slug",)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        # With its history, or not at all; and one turn at writing, not two.
        with transaction.atomic(using=kwargs.get("using"), savepoint=False):
            super().save(*args, **kwargs)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Raise what the database itself meets, such as a connection that was cut.

        Django takes any error of a conditional constraint's query for a violation: an editor
        would look for a duplicate that is not there.
        """
        met: list[Exception] = []

        def note(execute: Any, *args: Any) -> Any:
            try:
                return execute(*args)
            except (OperationalError, InternalError) as error:
                met.append(error)
                raise

        # First of all wrappers: it meets what the others let through.
        wrappers = connections[DEFAULT_DB_ALIAS].execute_wrappers
        wrappers.insert(0, note)
        try:
            super().validate_constraints(exclude)
        except ValidationError:
            if not met:
                raise
        finally:
            wrappers.remove(note)
        if met:
            raise met[0]

    def natural_key(self) -> tuple[Any, ...]:
        def value(path: str) -> Any:
            found: Any = self
            for name in path.split("__"):
                found = getattr(found, name)
            return found

        return tuple(value(path) for path in self.natural_key_fields)


class SluggedModel(NaturalKeyModel):
    """A row with a page of its own. An empty slug is made from what the row is called."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True, blank=True, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or self.free_slug()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.slug = self.slug or self.free_slug()

    def slug_source(self) -> str:
        return str(self)

    def free_slug(self, *, also: Collection[str] = ()) -> str:
        """Return a slug that no row has and none of `also`, numbered if the plain one is taken."""
        base = slugify(self.slug_source()) or self._meta.model_name or "x"
        slugs = type(self)._base_manager.filter(slug__startswith=base)
        taken = {*slugs.values_list("slug", flat=True), *also}
        number, slug = 1, base
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        return slug


class MergeableModel(SluggedModel):
    """A row that can be merged into another of its kind; it keeps its slug, and leaves lists."""

    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse(f"{self._meta.model_name}-detail", args=[self.slug])


class MergeableQuerySet(NaturalKeyQuerySet):
    def listed(self) -> Self:
        """Return the rows that stand for themselves: not merged into another."""
        return self.filter(merged_into=None)

    def taken_over(self, slugs: Iterable[str]) -> dict[str, Any]:
        """Return the public records that merged ones lead to, by the slugs of the merged ones."""
        public: Any = self.model._default_manager
        merged: Any = self.filter(slug__in=slugs, merged_into__in=public.public())
        return {row.slug: row.merged_into for row in merged.select_related("merged_into")}


NO_WEB_ADDRESS = _("Write a web address that begins with http:// or https://.")


class LinkField(models.URLField):
    """A web address: http or https and nothing else, https where a form was given none."""

    default_validators = [URLValidator(["http", "https"], message=NO_WEB_ADDRESS)]

    def formfield(self, **kwargs: Any) -> Any:
        said = {"invalid": NO_WEB_ADDRESS}
        return super().formfield(**{"assume_scheme": "https", "error_messages": said, **kwargs})


def moment() -> datetime:
    """Return the moment of now, to the millisecond.

    Django's serializers write no finer ones, and a digest must be the same after a dump is loaded.
    """
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def ref_field() -> models.CharField:
    """Return a short, stable, random reference: the natural key of rows that have no name.

    A function, not a class: history copies the field and must be able to drop its uniqueness.
    """
    return models.CharField(
        _("reference"), max_length=60, unique=True, default=new_ref, editable=False
    )


def one_of(field: str, choices: type[models.Choices], name: str) -> models.CheckConstraint:
    """Return the constraint that `field` holds one of `choices`."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def filled(field: str, name: str) -> models.CheckConstraint:
    """Return the constraint that `field` is not empty."""
    return models.CheckConstraint(condition=~models.Q(**{field: ""}), name=name)


def web_address(field: str, name: str) -> models.CheckConstraint:
    """Return the constraint that a link is a web address or empty, whoever writes it.

    A browser would run what begins with `javascript:`. Links of the log, which may not be changed
    for it, have a trigger instead (`triggers.derived.LINKS`).
    """
    starts = models.Q(**{f"{field}__istartswith": "http://"})
    starts |= models.Q(**{f"{field}__istartswith": "https://"})
    return models.CheckConstraint(
        condition=models.Q(**{field: ""}) | starts,
        name=name,
        violation_error_message=NO_WEB_ADDRESS,
    )


class Unindexed(models.Func):
    """A column by which SQLite shall not look for rows.

    Its planner knows no values, only how many rows share one on average: it would sort all
    published claims to read them in the order in which they stand.
    """

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class ByteOrder(models.Func):
    """Text in the order of its bytes: the one order that both engines share."""

    arity = 1
    output_field = models.CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="%(expressions)s COLLATE BINARY", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **context)
