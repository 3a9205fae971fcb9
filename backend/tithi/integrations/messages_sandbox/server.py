# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Serves the sandbox, on the command line or beside a test."""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flask import request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tithi.integrations.messages_sandbox.app import create_app
from tithi.integrations.messages_sandbox.faults import FaultQueue
from tithi.integrations.messages_sandbox.store import MessageStore

IN_MEMORY = ":memory:"


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: addresses and search terms do not belong in logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox served from a thread of this process; `store` is what it has accepted."""

    url: str
    store: MessageStore
    faults: FaultQueue
    _server: BaseWSGIServer
    _thread: Thread

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.store.close()


def make_sandbox_server(*, host: str, port: int, store: MessageStore, faults: FaultQueue) -> BaseWSGIServer:
    """A bound, threaded server; port 0 takes a free one."""
    app = create_app(store=store, faults=faults, drop_connection=_drop_connection)
    return make_server(host, port, app, threaded=True, request_handler=_QuietHandler)


def serve_in_thread(*, state: Path | str = IN_MEMORY, host: str = "127.0.0.1", port: int = 0) -> RunningSandbox:
    """Serve until `stop()`; the state is kept in memory unless a file is named."""
    store, faults = MessageStore(state), FaultQueue()
    server = make_sandbox_server(host=host, port=port, store=store, faults=faults)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="message sandbox", daemon=True)
    thread.start()
    url = f"http://{host}:{server.server_port}"
    return RunningSandbox(url=url, store=store, faults=faults, _server=server, _thread=thread)


def _drop_connection() -> None:
    connection: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
