"""Download one file whose hash is known, from the first mirror that really has it.

The file is held in memory until its SHA-256 is right, then written at once. So no partial or
foreign file ever lies on disk, and two processes that fetch the same file end with one result.
"""

import hashlib
import http.client
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from groundup.errors import DataError
from groundup.storage import make_directory, write_bytes


class _Refused(Exception):
    """A mirror answered, but not with the file."""


def fetch(
    path: Path,
    urls: Sequence[str],
    sha256: str,
    *,
    limit: int = 2**26,
    timeout: float = 20.0,
    deadline: float = 300.0,
) -> Path:
    """Get the file with this SHA-256 from the first of `urls` that has it, into `path`.

    limit: bytes; timeout: seconds of silence, deadline: seconds in all, after which a mirror is
    given up. Raises DataError, which lists what each mirror answered, and StorageError where
    `path` cannot be written.
    """
    tried = []
    for url in urls:
        try:
            data = _download(url, limit, timeout, time.monotonic() + deadline)
            if (found := hashlib.sha256(data).hexdigest()) != sha256:
                raise _Refused(f"expected SHA-256 {sha256}, got {len(data)} bytes with {found}")
        except (OSError, http.client.HTTPException, ValueError, _Refused) as error:
            tried.append(f"{url}: {error}")
            continue
        make_directory(path.parent)
        write_bytes(path, data)
        return path
    raise DataError(
        f"{path.name} could not be downloaded:\n  " + "\n  ".join(tried or ["no mirror"])
    )


def _download(url: str, limit: int, timeout: float, end: float) -> bytes:
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        promised = int(answer.headers.get("Content-Length", -1))
        kind = answer.headers.get_content_type()
        if promised > limit:
            raise _Refused(f"{promised} bytes; expected at most {limit}")
        data = bytearray()
        while chunk := answer.read1(2**16):
            data += chunk
            if len(data) > limit:
                raise _Refused(f"more than {limit} bytes")
            if time.monotonic() > end:
                raise _Refused(f"too slow: only {len(data)} bytes came in time")
    if promised > len(data):
        raise _Refused(f"cut short: {len(data)} of {promised} bytes")
    if kind == "text/html":
        raise _Refused(f"an HTML page of {len(data)} bytes, not the file")
    return bytes(data)
