# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Serving a sandbox from a thread, for tests and for the development stack."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tithi.integrations.stripe.sandbox.app import Sandbox, create_sandbox, publishable_key
from tithi.integrations.stripe.sandbox.state import SandboxState
from tithi.integrations.stripe.sandbox.webhooks import WebhookEndpoint

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DEFAULT_SECRET_KEY = "sk_test_sandbox"  # noqa: S105 - opens nothing but a sandbox


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open between requests and does not write each one down."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""

    def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:
        """Read no further from a connection that was cut."""
        del error, environ
        self.close_connection = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox that answers at `url` until `stop`."""

    url: str
    secret_key: str
    state: SandboxState
    _server: BaseWSGIServer
    _thread: Thread
    _sandbox: Sandbox

    @property
    def publishable_key(self) -> str:
        return publishable_key(self.secret_key)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._sandbox.close()


def serve_in_thread(
    *,
    state_path: Path | None = None,
    secret_key: str = DEFAULT_SECRET_KEY,
    webhooks: Sequence[WebhookEndpoint] = (),
    host: str = "127.0.0.1",
    port: int = 0,
) -> RunningSandbox:
    """Serve a sandbox; port 0 takes a free one."""
    sandbox = create_sandbox(state_path, secret_key, webhooks)
    server = make_server(host, port, sandbox, threaded=True, request_handler=QuietHandler)
    url = f"http://{host}:{server.port}"
    sandbox.state.base_url = url
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-server", daemon=True)
    thread.start()
    return RunningSandbox(
        url=url, secret_key=secret_key, state=sandbox.state, _server=server, _thread=thread, _sandbox=sandbox
    )
