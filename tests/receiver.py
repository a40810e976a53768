"""A receiver of webhooks on this machine: it notes what it is sent, and answers as a test asks."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOST, SLOW, HUGE, HALF = "lost", "slow", "huge", "half"


@dataclass
class Receiver:
    """What came, and what is answered, when: statuses in turn, then ``always``."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    always: int | str = 200
    location: str = ""
    reply: bytes = b""
    delay: float = 0.0

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return [alert for body in self.bodies for alert in body["alerts"]]

    def states(self) -> list[tuple[str, str]]:
        return sorted((alert["key"], alert["state"]) for alert in self.alerts)

    def forget(self) -> None:
        self.bodies.clear()
        self.headers.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = receiver.answers.pop(0) if receiver.answers else receiver.always
        receiver.headers.append(dict(self.headers))
        receiver.bodies.append(json.loads(body))
        self.close_connection = True
        time.sleep(receiver.delay)
        if answer == LOST:
            self.connection.shutdown(socket.SHUT_RDWR)
        elif answer == SLOW:
            self._drip()
        elif answer == HALF:
            self.wfile.write(b"HTTP/1.1 2")
        else:
            self._answer(receiver, answer)

    def _answer(self, receiver: Receiver, answer: int | str) -> None:
        length = 10**12 if answer == HUGE else len(receiver.reply)
        self.send_response(200 if answer == HUGE else int(answer))
        self.send_header("Content-Length", str(length))
        if receiver.location:
            self.send_header("Location", receiver.location)
        self.end_headers()
        self.wfile.write(b"x" * 1000 if answer == HUGE else receiver.reply)

    def _drip(self) -> None:
        """Answer a byte at a time: no time limit of a socket ever passes."""
        for sign in b"HTTP/1.1 200 OK\r\n" * 20:
            time.sleep(0.2)
            try:
                self.wfile.write(bytes([sign]))
            except OSError:
                return

    def log_message(self, *_args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, *_args: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of this machine, until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook/SECRET?token=SECRET")
    server.receiver = receiver  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
