# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The rules that staff may pass over; what was passed over stands with the booking."""

MIN_NOTICE = "min_notice"
MAX_ADVANCE = "max_advance"
STAFF_CAP = "staff_cap"
CUSTOMER_CAP = "customer_cap"
PREREQUISITE = "prerequisite"
BYPASSABLE = (MIN_NOTICE, MAX_ADVANCE, STAFF_CAP, CUSTOMER_CAP, PREREQUISITE)
