# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""`python -m tithi.integrations.messages_sandbox`: serve until interrupted."""

import argparse
import contextlib
import signal
import sys

from tithi.integrations.messages_sandbox.faults import FaultQueue
from tithi.integrations.messages_sandbox.server import IN_MEMORY, make_sandbox_server
from tithi.integrations.messages_sandbox.store import MessageStore

DEFAULT_PORT = 8025


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="messages_sandbox", description="Keeps mails and text messages and shows them."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--state", default=IN_MEMORY, metavar="FILE", help="SQLite file; in memory when absent")
    arguments = parser.parse_args()
    store = MessageStore(arguments.state)
    server = make_sandbox_server(host=arguments.host, port=arguments.port, store=store, faults=FaultQueue())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"messages are shown at http://{arguments.host}:{server.server_port}/\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
    store.close()


if __name__ == "__main__":
    main()
