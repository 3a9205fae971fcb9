# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Everything whose time is scarce. Floor 3, below team and customers.

A *resource* is staff, a room or equipment; its *lanes* are how many it serves at once.
"""
