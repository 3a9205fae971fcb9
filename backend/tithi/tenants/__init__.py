# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Businesses: their slug, status, locations and policy. A *tenant* is one business. Floor 1, below identity."""
