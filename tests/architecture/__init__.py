# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Rules of the house that no other tool checks: imports, routes, errors, facts, names."""
