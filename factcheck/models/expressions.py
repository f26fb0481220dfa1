"""SQL expressions that the two engines write differently."""

from typing import Any

from django.db import models


class WithoutIndex(models.Func):
    """A column without its index on SQLite, by a unary plus.

    SQLite's planner would use the index of the stage to find the public claims and then sort all
    of them, although reading the table by its primary key needs no sorting.
    """

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class ByteOrder(models.Func):
    """Text sorted by its bytes, the only order that is the same on both engines."""

    arity = 1
    output_field = models.CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="%(expressions)s COLLATE BINARY", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **context)


class YearOf(models.Func):
    """The year of a date, in SQL that both engines accept in a generated column."""

    output_field = models.PositiveSmallIntegerField(null=True)
    arity = 1
    template = "CAST(EXTRACT(YEAR FROM %(expressions)s) AS smallint)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(substr(%(expressions)s, 1, 4) AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)
