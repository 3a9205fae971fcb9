# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Indico's room booking as a contender: installed from its package, filled through its API and served."""
