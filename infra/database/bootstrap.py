# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: INP001 - a script, no package
"""Makes the roles and the database that the `TITHI_*_DATABASE_URL` variables name, with the passwords in them.

`TITHI_SUPERUSER_DATABASE_URL` is the connection that may do so. Running it again changes nothing but passwords.
"""

import os
import sys
from urllib.parse import unquote, urlsplit

from tithi.platform.roles import BACKUP, bootstrap_cluster, bootstrap_database

_URLS = ("TITHI_DATABASE_URL", "TITHI_WORKER_DATABASE_URL", "TITHI_MIGRATOR_DATABASE_URL")


def main() -> int:
    try:
        superuser = os.environ["TITHI_SUPERUSER_DATABASE_URL"]
        urls = [urlsplit(os.environ[name]) for name in _URLS]
    except KeyError as missing:
        sys.stderr.write(f"{missing.args[0]} is not set\n")
        return 1
    passwords = {unquote(url.username or ""): unquote(url.password) for url in urls if url.password}
    if "TITHI_BACKUP_PASSWORD" in os.environ:
        passwords[BACKUP] = os.environ["TITHI_BACKUP_PASSWORD"]
    bootstrap_cluster(superuser, passwords)
    for database in {unquote(url.path).lstrip("/") for url in urls}:
        bootstrap_database(superuser, database)
    return 0


if __name__ == "__main__":
    sys.exit(main())
