# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: INP001 - a script, no package
"""Exit code 0 when the web process of this container is ready to serve."""

import os
import sys
from http.client import HTTPConnection, HTTPException

_HTTP_OK = 200
_TIMEOUT = 4.0  # seconds


def main() -> int:
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("TITHI_PORT", "5001")), timeout=_TIMEOUT)
    try:
        connection.request("GET", "/health/ready", headers={"Host": os.environ["TITHI_BASE_DOMAIN"]})
        return 0 if connection.getresponse().status == _HTTP_OK else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
