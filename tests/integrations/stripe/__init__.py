# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The payment processor's client and its sandbox, against each other and against the vendor's published shapes."""
