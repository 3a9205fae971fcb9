# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is sold: categories, services with their price, duration and buffers, and who can do them. Floor 5."""
