# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Outside services behind small contracts of our own: each has its real clients and a sandbox or local version."""
