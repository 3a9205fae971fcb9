# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""People, their sessions and their memberships. Floor 1, above tenants.

A *user* is platform-wide, a *membership* joins one to a tenant.
"""
