"""Explains why a database has rejected a row."""

from django.core.exceptions import ValidationError
from django.db import DatabaseError

from factcheck.imports.bulk.table import Row, Table
from factcheck.imports.errors import Code

# Exceptions of a database and its driver for invalid values.
REJECTION_ERRORS = (DatabaseError, OverflowError, UnicodeEncodeError)


def explain_rejection(table: Table, row: Row, error: Exception) -> Exception:
    """Return the validation error of a row's model, or else the database's error."""
    values = dict(zip((f.attname for f in table.fields), row, strict=True))
    try:
        instance = table.model(**values)
        instance.clean_fields(exclude=[link.name for link in table.links])
        instance.validate_unique()
        instance.validate_constraints()
    except ValidationError as model_error:
        return model_error
    except Exception:  # noqa: S110 - there is the database's own error
        pass
    return error


def rejection_reason(error: Exception) -> tuple[Code, str]:
    """Return the code of an error, and its message on one line."""
    if not isinstance(error, ValidationError):
        return Code.DATABASE_REJECTED, " ".join(str(error).split()) or type(error).__name__
    if not hasattr(error, "error_dict"):
        return Code.VALUE_INVALID, " ".join(error.messages)
    return Code.VALUE_INVALID, "; ".join(
        f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
    )
