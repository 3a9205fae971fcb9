# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""When something can take place, and the claims on time. Floor 6.

A *claim* is time taken on one lane of a resource.
"""
