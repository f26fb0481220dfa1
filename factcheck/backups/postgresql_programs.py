"""PostgreSQL's own programs: finding and running them, and what they say went wrong."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from django.db import connection

from factcheck.backups.files import BackupError


def connection_arguments() -> tuple[list[str], dict[str, str]]:
    """Return the arguments that connect a program to the database, and its environment.

    The environment holds the password, which must not be among the arguments.
    """
    command, variables = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    environment = plain_environment() | (variables or {})
    if options := connection.settings_dict["OPTIONS"].get("options"):
        environment["PGOPTIONS"] = options
    return ["--no-password", *command[1:]], environment


def plain_environment() -> dict[str, str]:
    """Return an environment in which programs write English: errors are recognized by words."""
    return os.environ | {"LC_ALL": "C"}


def run(command: Sequence[str], *, connected: bool = False) -> bytes:
    """Run a program and return its output; a BackupError says what it reports.

    `connected` adds the arguments that connect it to the database.
    """
    arguments, environment = connection_arguments() if connected else ([], plain_environment())
    program = require_program(command[0])
    process = subprocess.run(
        [program, *command[1:], *arguments], env=environment, capture_output=True, check=False
    )
    if process.returncode:
        raise BackupError(error_message(process.stderr))
    return process.stdout


def require_program(name: str) -> str:
    """Return the path of a program; a BackupError says how to install it."""
    path = shutil.which(name)
    if not path:
        raise BackupError(
            f"{name} is not installed. It comes with PostgreSQL's client programs, of the"
            " server's version or newer: the package postgresql-client on Debian and Ubuntu."
        )
    return path


def error_message(output: bytes) -> str:
    """Return in one line what a program of PostgreSQL reports as its error."""
    text = output.decode(errors="replace")
    if versions := re.search(r"server version: ([\d.]+).*?version: ([\d.]+)", text):
        server, program = versions.groups()
        return (
            f"PostgreSQL's programs here are of version {program}, the server is {server}. Install"
            f" postgresql-client-{server.partition('.')[0]}."
        )
    if "unsupported version" in text:
        return (
            "The backup was made by newer programs of PostgreSQL. Install that version of"
            " postgresql-client."
        )
    match = re.search(r"(?:error|ERROR|FATAL): +(.+)(?:\nDETAIL: +(.+))?", text)
    return ": ".join(filter(None, match.groups())) if match else last_line(text)


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason was given"])[-1]
