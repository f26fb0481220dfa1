"""Files that are there whole, or as they were before."""

import hashlib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any


def write_whole(path: Path, body: Iterable[bytes]) -> dict[str, Any]:
    """Write a file and return its size in bytes and its digest; OSError leaves the earlier one."""
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
        # What is left of it would ask a connection that is closed by then.
        if isinstance(body, Generator):
            body.close()
    return {"bytes": size, "hash": f"sha256:{digest.hexdigest()}"}
