"""Why a database has rejected a row, in one line."""

from django.core.exceptions import ValidationError
from django.db import DatabaseError

from factcheck.imports.bulk.table import Row, Table

# What a database and its driver raise for values that they do not take.
REJECTION_ERRORS = (DatabaseError, OverflowError, UnicodeEncodeError)


def explain_rejection(table: Table, row: Row, error: Exception) -> str:
    """Return what a row's own model finds wrong with it, or else the database's error."""
    values = dict(zip((f.attname for f in table.fields), row, strict=True))
    try:
        instance = table.model(**values)
        instance.clean_fields(exclude=[link.name for link in table.links])
        instance.validate_unique()
        instance.validate_constraints()
    except ValidationError as model_error:
        return error_text(model_error)
    except Exception:  # noqa: S110 - there is the database's own error
        pass
    return error_text(error)


def error_text(error: Exception) -> str:
    """Return an error's message on one line."""
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            return "; ".join(
                f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
            )
        return " ".join(error.messages)
    return " ".join(str(error).split()) or type(error).__name__
