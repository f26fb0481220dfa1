"""`manage.py log_checkpoint`: stores a checkpoint of the log, or verifies the log against one."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from factcheck import public_record
from factcheck.audit import verification_log
from factcheck.exports.atomic_files import write_atomically
from factcheck.failures import read_error_text, write_error_text
from factcheck.management.command import FactcheckCommand


class Command(FactcheckCommand):
    help = (
        "Store a checkpoint of the log and print the log's digests; with --verify, prove that"
        " nothing before a published checkpoint was altered, removed or inserted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify", metavar="FILE", help="what this command or /corrections/log.jsonl gave"
        )
        parser.add_argument("--output", metavar="FILE", help="write there, not to standard output")

    def handle(self, *args: Any, verify: str | None, output: str | None, **options: Any) -> None:
        if verify:
            self._verify(Path(verify))
        else:
            self._store(output)

    def _store(self, output: str | None) -> None:
        # First compare with the stored checkpoints: a log that differs gets no new one.
        problems = list(
            verification_log.faults_of_checkpoints(
                (entry.number, entry.digest) for entry in public_record.entries()
            )
        )
        if problems:
            raise CommandError("\n".join(problems))
        chain = public_record.Chain()
        if output:
            try:
                write_atomically(Path(output), verification_log.export(chain=chain))
            except OSError as error:
                raise CommandError(write_error_text(output, error)) from error
        else:
            for line in verification_log.export(chain=chain):
                self.stdout.write(line.decode(), ending="")
        checkpoint = public_record.seal()
        summary = f"{chain.count} records, the last is no. {chain.last_number}"
        self.stderr.write(f"{summary}: {checkpoint.sha256}" if checkpoint else "The log is empty.")

    def _verify(self, path: Path) -> None:
        try:
            with sys.stdin.buffer if str(path) == "-" else path.open("rb") as stream:
                published = verification_log.read(stream)
        except OSError as error:
            raise CommandError(read_error_text(path, error), returncode=2) from error
        except verification_log.LogError as error:
            raise CommandError(f"{path}: {error}", returncode=2) from error
        problems = list(verification_log.verify(published))
        for line in problems:
            self.stdout.write(line)
        if problems:
            raise SystemExit(1)
        last = published.checkpoint.last_number
        summary = f"Nothing up to no. {last} was altered, removed or inserted."
        self.stdout.write(self.style.SUCCESS(summary))
