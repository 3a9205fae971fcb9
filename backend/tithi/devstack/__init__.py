# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The stack that needs nothing installed: Postgres, Valkey, sandboxes of the outside services, and their supervision.

Words: a *server* is Postgres or Valkey started as a child; a *throw-away* server keeps nothing and is for tests; the
*state directory* (`.tithi/`) keeps what a restart needs.
"""
