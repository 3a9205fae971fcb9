# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One outbound message to one address: queued with its dedupe key, sent once, its fate kept. Floor 4."""
