"""People, their sessions and their memberships. A *user* is platform-wide, a *membership* joins one to a tenant. Floor 1."""
