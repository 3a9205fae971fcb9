# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Machinery that knows no domain: settings, database, tenancy, access, errors, HTTP, events, jobs. Floor 0."""
