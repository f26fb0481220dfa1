"""A new status, stance or stage is forgotten nowhere."""

import json
import re

import pytest

from factcheck.models import Stage, Stance, Status
from factcheck.models.stages import PUBLIC_STAGES, UNPUBLISHED_STAGES
from factcheck.models.statuses import _MEANINGS
from factcheck.queries.track_records import FAILED, HELD, NEITHER
from tests.paths import ROOT

STATIC = ROOT / "factcheck" / "static" / "factcheck"
STYLES = (STATIC / "site.css").read_text(encoding="utf-8")
ICONS = (STATIC / "icons.svg").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "README.md").read_text(encoding="utf-8")

each_status = pytest.mark.parametrize("status", Status)


@each_status
def test_a_status_is_in_one_group_of_the_track_record(status):
    groups = [HELD, FAILED, NEITHER, {Status.UNVERIFIED}]

    assert [status in group for group in groups].count(True) == 1


@each_status
def test_a_status_has_colours_and_a_symbol(status):
    assert re.search(rf"^ *--{status}: light-dark\(", STYLES, re.M)
    assert f".status-{status}, .verdict-{status} {{" in STYLES
    assert f".bar-{status}, .key-{status}::before {{" in STYLES
    assert f'<symbol id="{status}"' in ICONS


@each_status
def test_a_status_has_a_meaning_and_a_rating_label(status):
    labels = json.loads((ROOT / "fixtures" / "rating_labels.json").read_text(encoding="utf-8"))

    assert status in _MEANINGS
    assert str(status) in {label["fields"]["status"] for label in labels}


@each_status
def test_a_status_is_explained_in_the_manual(status):
    assert f"| `{status}` | {status.label} |" in GLOSSARY
    assert f"`{status}`" in MANUAL


@pytest.mark.parametrize("stance", Stance)
def test_a_stance_has_a_line_in_the_map_and_is_explained(stance):
    # Support is drawn in the usual line.
    assert stance == Stance.SUPPORTS or f".map-{stance} {{" in STYLES
    assert f"| `{stance}` | {stance.label} |" in GLOSSARY


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_is_public_or_unpublished_and_is_explained(stage):
    assert (stage in PUBLIC_STAGES) != (stage in UNPUBLISHED_STAGES)
    assert f"| `{stage}` | {stage.label} |" in GLOSSARY
