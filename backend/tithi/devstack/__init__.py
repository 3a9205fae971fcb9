"""The stack that needs nothing installed: Postgres, Valkey, sandboxes of the outside services, and their supervision.

Words: a *server* is Postgres or Valkey started as a child; a *throw-away* server keeps nothing and is for tests; the
*state directory* (`.tithi/`) keeps what a restart needs.
"""
