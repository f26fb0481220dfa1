"""Writes files completely, or leaves them as they were before."""

import hashlib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any


def write_atomically(path: Path, body: Iterable[bytes]) -> dict[str, Any]:
    """Write a file and return its size in bytes and its digest; an OSError leaves the old file."""
    new, digest, size = path.with_name(f".{path.name}.new"), hashlib.sha256(), 0
    try:
        with new.open("wb") as stream:
            for block in body:
                stream.write(block)
                digest.update(block)
                size += len(block)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
        # Otherwise the generator might query a closed connection later.
        if isinstance(body, Generator):
            body.close()
    return {"bytes": size, "hash": f"sha256:{digest.hexdigest()}"}
