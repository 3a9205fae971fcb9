# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The parts of the random histories of money: processes that die, one business's hands, what is right about money."""
