# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The slot code of cal.com as a contender: installed from npm, bundled and run."""
