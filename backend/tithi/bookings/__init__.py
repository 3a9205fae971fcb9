# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The visit: book, confirm, check in, complete, no-show, cancel. A *booking* is one visit of one customer. Floor 9."""
