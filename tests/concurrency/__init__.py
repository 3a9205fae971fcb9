# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Rivals at the same moment, each race with a control that shows it would be lost without the rule."""
