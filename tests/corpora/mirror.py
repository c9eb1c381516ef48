"""A web server on this machine that plays the mirror of published files, well or badly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Served:
    """One file of the mirror, and how it is handed out."""

    content: bytes
    status: int = 200
    content_type: str = "application/octet-stream"
    cuts: list[int] = field(default_factory=list)  # after how many bytes each of the next answers ends early
    ranges: bool = True
    etag: str = '"first"'
    says_length: bool = True
    hold: Event | None = None  # the second half is sent when this is set


@dataclass
class Mirror:
    """What is served, and what has been asked for."""

    address: str = ""
    files: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # the path, and the range if there was one

    def __getitem__(self, name: str) -> Served:
        return self.files[name]

    def address_of(self, name: str) -> str:
        return f"{self.address}/{name}"


@contextmanager
def serving() -> Iterator[Mirror]:
    """A mirror that answers until the block ends."""
    mirror = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            mirror.asked.append((name, self.headers.get("Range")))
            served = mirror.files.get(name)
            if served is None:
                self.send_error(404)
                return
            self._hand_out(served)

        def _hand_out(self, served: Served) -> None:
            start = self._start(served)
            body = served.content[start:]
            cut = served.cuts.pop(0) if served.cuts else len(body)
            self.send_response(206 if start else served.status)
            self.send_header("Content-Type", served.content_type)
            self.send_header("ETag", served.etag)
            if start:
                total = len(served.content)
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            if served.says_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if served.hold is not None:
                self.wfile.write(body[: cut // 2])
                self.wfile.flush()
                served.hold.wait(60)
                body, cut = body[cut // 2 :], cut - cut // 2
            self.wfile.write(body[:cut])

        def _start(self, served: Served) -> int:
            wanted = self.headers.get("Range")
            is_same = self.headers.get("If-Range", served.etag) == served.etag
            return int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and served.ranges and is_same else 0

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
