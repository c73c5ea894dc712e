import contextlib
import hashlib
import http.server
import socket
import threading
import time

import pytest

from groundup.data.fetch import fetch
from groundup.errors import DataError, StorageError

CONTENT = b"the real file" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """A mirror that goes wrong in the way that the path says."""

    def do_GET(self):
        self.server.asked.append(self.path)
        kind = self.path.strip("/").split("/")[0]
        if kind == "missing":
            return self.send_error(404)
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", "/good/file")
            return self.end_headers()
        body = {"wrong": b"another file", "page": b"<html>Sorry!</html>"}.get(kind, CONTENT)
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if kind == "page" else "application/gzip")
        if kind == "huge":
            self.send_header("Content-Length", str(10**12))
        elif kind not in ("endless", "slow"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # the other side has had enough
            self.send(kind, body)
        return None

    def send(self, kind, body):
        if kind == "short":
            self.wfile.write(body[:100])
        elif kind == "stuck":
            self.wfile.write(body[:100])
            self.server.ended.wait(10)
        elif kind in ("endless", "slow"):
            while not self.server.ended.is_set():
                self.wfile.write(bytes(2**16 if kind == "endless" else 1))
                time.sleep(0 if kind == "endless" else 0.02)
        else:
            self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def mirror():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.ended = [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.ended.set()
        server.shutdown()
        thread.join()


def test_a_file_is_fetched_into_a_new_folder(mirror, tmp_path):
    path = tmp_path / "new" / "folder" / "file.gz"
    assert fetch(path, [f"{mirror.url}/good/file"], SHA256) == path
    assert path.read_bytes() == CONTENT
    assert [other.name for other in path.parent.iterdir()] == ["file.gz"]


def test_redirections_are_followed(mirror, tmp_path):
    fetch(tmp_path / "file", [f"{mirror.url}/moved/file"], SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT


FAULTS = {
    "missing": "HTTP Error 404",
    "wrong": f"expected SHA-256 {SHA256}, got 12 bytes",
    "page": "an HTML page of 19 bytes",
    "short": f"cut short: 100 of {len(CONTENT)} bytes",
    "huge": "1000000000000 bytes; expected at most 1000000",
    "endless": "more than 1000000 bytes",
    "slow": "too slow",
    "stuck": "timed out",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_is_told_and_leaves_nothing(mirror, tmp_path, kind):
    with pytest.raises(DataError, match=FAULTS[kind]) as caught:
        fetch(
            tmp_path / "file",
            [f"{mirror.url}/{kind}/file"],
            SHA256,
            limit=10**6,
            timeout=0.3,
            deadline=0.2 if kind == "slow" else 60,
        )
    assert f"{mirror.url}/{kind}/file" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_next_mirror_is_asked_until_one_has_it(mirror, tmp_path):
    kinds = ["missing", "wrong", "short", "page", "good", "never"]
    fetch(tmp_path / "file", [f"{mirror.url}/{kind}/file" for kind in kinds], SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert mirror.asked == [f"/{kind}/file" for kind in kinds[:-1]]


def test_every_attempt_is_listed(mirror, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    urls = [f"{mirror.url}/missing/file", f"{closed}/file", "nonsense", "http://[::1/file"]
    with pytest.raises(DataError, match="file could not be downloaded") as caught:
        fetch(tmp_path / "file", urls, SHA256)
    lines = str(caught.value).splitlines()[1:]
    assert [line.split(": ")[0].strip() for line in lines] == urls
    with pytest.raises(DataError, match="no mirror"):
        fetch(tmp_path / "file", [], SHA256)


def test_a_damaged_file_is_replaced_only_by_the_right_one(mirror, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"damaged")
    with pytest.raises(DataError):
        fetch(path, [f"{mirror.url}/wrong/file"], SHA256)
    assert path.read_bytes() == b"damaged"
    fetch(path, [f"{mirror.url}/good/file"], SHA256)
    assert path.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_mirror(mirror, tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises((StorageError, ValueError), match="cannot write"):
        fetch(tmp_path / "file", [f"{mirror.url}/good/a", f"{mirror.url}/good/b"], SHA256)
    assert mirror.asked == ["/good/a"]


def test_two_at_once_end_with_one_file(mirror, tmp_path):
    path = tmp_path / "file"
    threads = [
        threading.Thread(target=fetch, args=(path, [f"{mirror.url}/good/file"], SHA256))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [path]
