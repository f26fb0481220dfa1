"""Constraints that several models use."""

from django.db import models

from factcheck.models.fields import NO_WEB_ADDRESS


def one_of(field: str, choices: type[models.Choices], name: str) -> models.CheckConstraint:
    """Return the constraint that the value of `field` is one of `choices`."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def filled(field: str, name: str) -> models.CheckConstraint:
    """Return the constraint that `field` is not empty."""
    return models.CheckConstraint(condition=~models.Q(**{field: ""}), name=name)


def web_address(field: str, name: str) -> models.CheckConstraint:
    """Return the constraint that a link is a web address or empty.

    A browser would run a link that begins with `javascript:`. Old links of the log cannot be
    changed, so the log has a trigger for new ones instead (`triggers.declarations.LINKS`).
    """
    starts = models.Q(**{f"{field}__istartswith": "http://"})
    starts |= models.Q(**{f"{field}__istartswith": "https://"})
    return models.CheckConstraint(
        condition=models.Q(**{field: ""}) | starts,
        name=name,
        violation_error_message=NO_WEB_ADDRESS,
    )
