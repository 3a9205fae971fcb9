"""People, their sessions and their memberships. Floor 1, above tenants.

A *user* is platform-wide, a *membership* joins one to a tenant.
"""
