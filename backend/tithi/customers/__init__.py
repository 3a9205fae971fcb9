# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who books. A *customer* belongs to one business; the same person at another business is another customer. Floor 3."""
