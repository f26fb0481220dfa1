"""`manage.py export_claims`: the claims of a list as a file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.http import QueryDict

from factcheck.exports import claimreview, table_formats
from factcheck.exports.atomic_files import write_atomically
from factcheck.failures import write_error_text
from factcheck.filters import ClaimFilter
from factcheck.management.command import FactcheckCommand


class Command(FactcheckCommand):
    help = "Write published claims as CSV, JSON Lines, XLSX or a ClaimReview DataFeed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--format", choices=[*table_formats.FORMATS, "claimreview"], required=True
        )
        parser.add_argument("--query", default="", help="a list's query string: status=false&q=…")
        parser.add_argument("--output", metavar="FILE", help="write there, not to standard output")

    def handle(self, *args: Any, output: str | None, query: str, **options: Any) -> None:
        body = self._body(options["format"], query.removeprefix("?"))
        if not output:
            sys.stdout.buffer.writelines(body)
            return
        try:
            write_atomically(Path(output), body)
        except OSError as error:
            raise CommandError(write_error_text(output, error)) from error

    def _body(self, kind: str, query: str) -> Any:
        if kind == "claimreview":
            if query:
                raise CommandError("--query: a DataFeed holds everything.", returncode=2)
            return claimreview.feed()
        filterset = ClaimFilter(QueryDict(query))
        if filterset.problems:
            raise CommandError(f"--query: {filterset.problem_text()}", returncode=2)
        return table_formats.export(kind, filterset.ids())
