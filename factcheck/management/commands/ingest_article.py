"""`manage.py ingest_article`: an article's claims and dated citations, from the command line."""

import io
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, connection

from factcheck.failures import read_error_text
from factcheck.imports.articles.import_state import ImportResult
from factcheck.imports.articles.importer import write_article
from factcheck.imports.articles.reader import decode, read_source
from factcheck.imports.articles.records import CitationRecord, ParsedArticle
from factcheck.imports.articles.warnings import warnings_for
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import ArticleError
from factcheck.imports.outlet_matching import OutletNames
from factcheck.imports.printed_dates import last_day_of
from factcheck.management.command import FactcheckCommand, nothing_saved
from factcheck.models import Outlet
from factcheck.models.fields import language_code

MAX_BYTES = 10_000_000
_CREATED = ("articles", "claims", "citations", "outlets")


class Command(FactcheckCommand):
    help = "Read an article and store its statements as draft claims with dated citations."

    def saved_text(self) -> str:
        return nothing_saved()  # it is one transaction

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="plain text or HTML in UTF-8; - reads standard input")
        parser.add_argument("--published", help="a day, month or year: 2021-09-10, 2021-09, 2021")
        parser.add_argument(
            "--title", default="", help="else what the text says, or its file's name"
        )
        parser.add_argument("--author", default="", help="else the by-line")
        parser.add_argument("--publisher", default="", metavar="SLUG", help="an outlet's slug")
        parser.add_argument("--language", default="", metavar="xx", help="else by its letters")
        parser.add_argument("--dry-run", action="store_true", help="check everything, save nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        dry_run = options["dry_run"]
        _check_options({**options, "file": file})
        # A terminal that cannot print a letter shows its code. An error would come too late.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        text = _read(file)
        known_names = _load_names(needed=not dry_run)
        names = known_names or OutletNames()
        publisher = _outlet(options["publisher"]) if known_names else None
        read = self._article(text, file, names, options)
        names.prefetch(read.outlets)
        try:
            imported = None if dry_run else write_article(read, names=names, publisher=publisher)
        except ValidationError as error:
            raise _usage_error(" ".join(error.messages)) from error
        if options["json"]:
            encoding = getattr(self.stdout, "encoding", None) or "utf-8"
            is_ascii = not encoding.lower().startswith("utf")
            output = json.dumps(_as_json(read, names, imported), ensure_ascii=is_ascii)
        else:
            output = "\n".join(_table_lines(read, names, imported))
        try:
            self.stdout.write(output)
            self.stdout.flush()
        except (OSError, AttributeError) as error:  # closed, full, or a broken pipe
            outcome = (
                f"article {imported.article.slug} is stored" if imported else "nothing was saved"
            )
            _discard_stdout()
            raise _usage_error(f"The answer cannot be printed ({outcome}).") from error

    def _article(
        self, text: str, file: str, names: OutletNames, options: dict[str, Any]
    ) -> ParsedArticle:
        options_given = {name: options[name] or None for name in ("title", "author", "published")}
        try:
            read = read_source(
                text, is_outlet=names.__contains__, language=options["language"], **options_given
            )
        except ArticleError as error:
            raise _usage_error(f"{file}: {describe(error)}") from error
        if not read.title:
            name = "Untitled article" if file == "-" else re.sub(r"[_\s]+", " ", Path(file).stem)
            read = replace(read, title=name)
        return read


def _usage_error(message: str) -> CommandError:
    return CommandError(message, returncode=2)


def _discard_stdout() -> None:
    """Redirect stdout to nowhere: at exit, Python would try again to flush it and fail."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_options(options: dict[str, Any]) -> None:
    for name in ("file", "title", "author", "publisher"):
        try:
            options[name].encode()
        except UnicodeEncodeError as error:
            raise _usage_error(f"{name}: not UTF-8 text (character {error.start}).") from error
    try:
        last_day_of(options["published"])
    except ArticleError as error:
        raise _usage_error(f"--published: {describe(error)}") from error
    try:
        if options["language"]:
            language_code(options["language"])
    except ValidationError as error:
        raise _usage_error(f"--language: {' '.join(error.messages)}") from error


def _read(file: str) -> str:
    try:
        if file == "-":
            if sys.stdin is None:
                raise _usage_error("-: standard input is closed.")
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _usage_error(read_error_text(file, error)) from error
    try:
        return decode(content, limit=MAX_BYTES)
    except ArticleError as error:
        raise _usage_error(f"{file}: {describe(error)}") from error


def _load_names(*, needed: bool) -> OutletNames | None:
    """Return the names of all outlets; None where there is no database and none is needed."""
    database = connection.settings_dict["NAME"]
    # Connecting would fail: only `migrate` creates the file.
    is_absent = connection.vendor == "sqlite" and not Path(str(database)).exists()
    if is_absent and not needed and "mode=memory" not in str(database):
        return None
    try:
        return OutletNames.load()
    except DatabaseError:
        if not needed:
            return None
        raise


def _outlet(slug: str) -> Outlet | None:
    if not slug:
        return None
    outlet = Outlet.objects.listed().filter(slug=slug).first()
    if outlet is None:
        raise _usage_error(f"--publisher: there is no outlet with the slug “{slug}”: add it first.")
    return outlet


def _as_json(
    read: ParsedArticle, names: OutletNames, imported: ImportResult | None
) -> dict[str, Any]:
    return {
        "title": read.title,
        "author": read.author or None,
        "published": read.published or None,
        "paragraphs": read.paragraphs,
        "groups": [
            {
                "raw": group.raw,
                "start": group.start,
                "end": group.end,
                "paragraph": paragraph,
                "citations": [_citation(report, names) for report in group.citations],
                "unparsed": list(group.unparsed),
            }
            for group, paragraph in zip(read.groups, read.group_paragraphs, strict=True)
        ],
        "ignored": [span._asdict() for span in read.ignored],
        "claims": [
            {
                "text": statement.text,
                "paragraph": statement.paragraph,
                "start": statement.start,
                "end": statement.end,
                "groups": list(statement.groups),
            }
            for statement in read.statements
        ],
        "created": {kind: imported.created[kind] if imported else 0 for kind in _CREATED},
    }


def _citation(report: CitationRecord, names: OutletNames) -> dict[str, Any]:
    outlet = names.find(report.outlet) if report.outlet else None
    return {
        "outlet": report.outlet,
        "date": report.date,
        **({"date_end": report.date_end} if report.date_end else {}),
        "url": report.url,
        "note": report.note,
        "resolved": outlet.slug if outlet else None,
    }


def _table_lines(
    read: ParsedArticle, names: OutletNames, imported: ImportResult | None
) -> list[str]:
    reports = [report for group in read.groups for report in group.citations]
    lines = [
        " · ".join(filter(None, [read.title, read.author, read.published or "no day given"])),
        ", ".join(
            _count(number, noun)
            for number, noun in (
                (read.paragraphs, "paragraph"),
                (len(read.statements), "statement"),
                (len(read.groups), "group"),
                (len(reports), "citation"),
                (len(read.outlets), "outlet"),
                (len(read.ignored), "other parenthesis"),
            )
        ),
        "",
    ]
    rows = [("group", "outlet as printed", "date", "known as", "note")]
    for number, group in enumerate(read.groups, 1):
        rows += [(str(number), *_row(report, names)) for report in group.citations]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    lines += [
        "",
        *_warning_lines(read),
        *(_outcome_lines(imported) if imported else [nothing_saved(is_dry=True)]),
    ]
    return lines


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-2]}es" if noun.endswith("sis") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _row(report: CitationRecord, names: OutletNames) -> tuple[str, str, str, str]:
    outlet = names.find(report.outlet) if report.outlet else None
    date = "…".join(filter(None, [report.date, report.date_end])) or "-"
    slug = outlet.slug if outlet else "(new)" if report.outlet else "-"
    note = ", ".join(filter(None, [report.note, report.url]))
    return report.outlet or "(lost)", date, slug, note


def _warning_lines(read: ParsedArticle) -> list[str]:
    lines = [
        f"  at {warning.start}: {warning.message}: {_shortened(warning.raw)}"
        for group in read.groups
        for warning in warnings_for(read, group)
    ]
    return ["To look at (character in the text):", *lines, ""] if lines else []


def _shortened(raw: str) -> str:
    raw = " ".join(raw.split())
    return raw if len(raw) <= 80 else f"{raw[:78]}…"


def _outcome_lines(imported: ImportResult) -> list[str]:
    created, updated, unchanged = imported.created, imported.updated, imported.unchanged
    lines = [
        f"{kind:9} {created[kind]:6} new {updated[kind]:6} updated {unchanged[kind]:6} as they were"
        for kind in _CREATED[:3]
    ]
    if imported.new_outlets:
        listed = ", ".join(outlet.name for outlet in imported.new_outlets)
        lines.append(f"New outlets, for an editor to confirm: {listed}")
    if imported.without_outlet:
        count = _count(len(imported.without_outlet), "citation")
        lines.append(f"Not stored, for the outlet is lost: {count}")
    lines += [f"Published, and cites more now: {claim}" for claim in imported.public_claims]
    lines += [f"No longer in the article: {claim}" for claim in imported.removed_claims]
    lines += [
        f"No longer in the article: {citation.as_cited}, cited for: {citation.claim}"
        for citation in imported.removed_citations
    ]
    return [*lines, f"Article: {imported.article.slug}"]
