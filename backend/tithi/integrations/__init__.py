"""Outside services behind small contracts of our own: each has its real clients and a sandbox or local version."""
