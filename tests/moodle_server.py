"""A tiny HTTP server that answers like a scripted Moodle: for what no real one does on demand, such as hanging up."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

CUT = -1  # a status: hang up in the middle of the answer


@dataclass(frozen=True)
class Answer:
    """One answer of the script; with a `drip` it comes byte by byte, so many seconds apart."""

    status: int = 200
    body: bytes = b"[]"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    drip: float = 0
    sized: bool = True


@dataclass
class Asked:
    """One request that came in."""

    path: str
    fields: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class Script:
    """A server that gives its answers in turn, the last one for ever, and keeps what it was asked."""

    url: str
    asked: list[Asked]


@contextmanager
def scripted(*answers: Answer) -> Iterator[Script]:
    """Serve answers on a port of this machine."""
    asked: list[Asked] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers, asked))
    server.daemon_threads = True
    thread = Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield Script(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(answers: tuple[Answer, ...], asked: list[Asked]) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            fields = {key: values[0] for key, values in parse_qs(self.rfile.read(length).decode()).items()}
            answer = answers[min(len(asked), len(answers) - 1)]
            asked.append(Asked(self.path, fields, dict(self.headers)))
            cut = answer.status == CUT
            self.send_response(200 if cut else answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.sized:
                self.send_header("Content-Length", str(len(answer.body) + (10 if cut else 0)))
            self.end_headers()
            with suppress(ConnectionError):  # who has had enough hangs up
                self._send(answer)

        def _send(self, answer: Answer) -> None:
            if not answer.drip:
                self.wfile.write(answer.body)
                return
            for byte in answer.body:
                self.wfile.write(bytes((byte,)))
                time.sleep(answer.drip)

        def log_message(self, *_: Any) -> None:
            return

    return Handler
