# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Load what a request needs before the processes of the mutants are forked, so that none of them loads it again."""

import fpdf  # noqa: F401 - loaded when it is used first
import icalendar  # noqa: F401 - loaded when it is used first
import phonenumbers  # noqa: F401 - loaded when it is used first
import stripe  # noqa: F401 - loaded when it is used first

from tithi.app import document

document()
