# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""An endpoint that takes webhooks, and refuses as many as it is told to."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tithi.integrations.stripe.sandbox.server import QuietHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

WAIT_SECONDS = 10


@dataclass(slots=True)
class Receiver:
    """What came in, as raw body and signature, in order; `refusals` counts down."""

    url: str = ""
    refusals: int = 0
    received: "Queue[tuple[bytes, str]]" = field(default_factory=Queue)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        self.received.put((request.get_data(), request.headers["Stripe-Signature"]))
        status = 500 if self.refusals > 0 else 200
        self.refusals -= 1
        return Response(status=status)(environ, start_response)

    def next(self) -> tuple[bytes, str]:
        """Wait for the next delivery."""
        return self.received.get(timeout=WAIT_SECONDS)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    server = make_server("127.0.0.1", 0, receiver, threaded=True, request_handler=QuietHandler)
    receiver.url = f"http://127.0.0.1:{server.port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
