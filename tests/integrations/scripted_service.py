# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""An outside service over HTTP on this machine that answers as a test tells it and remembers what it was asked."""

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Message
    body: bytes
    connection: tuple[str, int]

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`body` is sent as JSON unless it is text; `is_lost` breaks the connection instead of answering."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_lost: bool = False


Script = Callable[[Asked], Reply]


class ScriptedService:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def closed_address() -> str:
    """A URL on this machine at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def _handler(service: ScriptedService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def answer(self) -> None:
            address = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=address.path,
                query=parse_qs(address.query),
                headers=self.headers,
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                connection=self.client_address,
            )
            service.asked.append(asked)
            reply = service.script(asked)
            if reply.is_lost:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            is_text = isinstance(reply.body, str)
            body = reply.body.encode() if is_text else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            headers = {"Content-Type": "text/plain" if is_text else "application/json", **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - named by the standard library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            """Keep the test's output clean."""

    return Handler
