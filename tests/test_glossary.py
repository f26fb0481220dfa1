"""The glossary names what is there."""

import re

import pytest
from django.core.exceptions import FieldDoesNotExist

from factcheck import models
from factcheck.models.outlet_kinds import Control
from factcheck.queries.independence import OwnerGroup
from factcheck.queries.track_records import TrackRecord
from tests.paths import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
CLASSES = vars(models) | {cls.__name__: cls for cls in (Control, OwnerGroup, TrackRecord)}
NAMES = sorted(set(re.findall(r"`([A-Z]\w+(?:\.\w+)?)`", GLOSSARY)))


def has(cls, name):
    """Return whether a class has an attribute, or a model a field."""
    if hasattr(cls, name):
        return True
    try:
        return bool(cls._meta.get_field(name))
    except (AttributeError, FieldDoesNotExist):
        return False


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_code_exists(name):
    cls, _dot, attribute = name.partition(".")

    assert cls in CLASSES
    assert not attribute or has(CLASSES[cls], attribute)


@pytest.mark.parametrize(
    "name", ["Article", "Citation", "Claim", "Claimant", "Evidence", "Outlet", "Owner", "Proposal"]
)
def test_a_word_of_the_domain_is_explained(name):
    assert f"| `{name}` |" in GLOSSARY
