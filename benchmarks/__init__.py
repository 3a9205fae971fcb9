# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What `docs/performance.md` quotes: the goals measured against references on the machine at hand."""
