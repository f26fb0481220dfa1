"""Undocumented parts of Django and of libraries that this project uses.

Nothing else in the project may import these names or depend on these details. When a new version
of a library changes one, `tests/test_undocumented_api.py` fails and names it, and only this module
has to follow.
"""

from typing import Any

# The checks of the admin. `AdminConfig.ready` registers them for the classes that are registered by
# then; ours are registered later, so that commands start faster.
from django.contrib.admin.checks import check_admin_app, check_dependencies

# Raised by a filter of the admin for an invalid value: the list is shown without the filter.
from django.contrib.admin.options import IS_FACETS_VAR, IncorrectLookupParameters

# `ModelAdmin.get_changelist` is documented, the class that it returns is not.
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

# Which manager holds a model's history, whatever its name.
from simple_history.exceptions import NotHistoricalModelError
from simple_history.utils import get_history_manager_for_model

__all__ = [
    "ChangeList",
    "IncorrectLookupParameters",
    "check_admin_app",
    "check_dependencies",
    "history_manager_of",
    "make_counts_optional",
]


def make_counts_optional(changelist: ChangeList, request: HttpRequest) -> None:
    """Hide the date hierarchy of a list, and show counts beside filters only when asked for.

    `ModelAdmin.show_facets` and `date_hierarchy` say the same for every list of a model; here it
    depends on how many rows there are, which only a request may ask the database.
    """
    changelist.date_hierarchy = None
    changelist.is_facets_optional = True
    changelist.add_facets = IS_FACETS_VAR in request.GET


def history_manager_of(row_or_model: Any) -> Any:
    """Return the manager of the history of a model or of a row; None if it has no history."""
    model = row_or_model if isinstance(row_or_model, type) else type(row_or_model)
    try:
        # Not the row: the error would print it, and so ask for rows that are not loaded yet.
        get_history_manager_for_model(model)
    except NotHistoricalModelError:
        return None
    return get_history_manager_for_model(row_or_model)
