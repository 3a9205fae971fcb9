# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What several built-in mails say in the same way: their readers, and their tables of details."""

CUSTOMER = "customer"
BUSINESS = "business"

VISIT = (
    ("Service", "{{service}}"),
    ("With", "{{team_member}}"),
    ("When", "{{when}}"),
    ("Where", "{{place}}"),
    ("Booking number", "{{number}}"),
)
OFFERED = VISIT[:-1]
VISIT_AND_PRICE = (*VISIT, ("Price", "{{price}}"))
SERIES = (
    ("Service", "{{service}}"),
    ("With", "{{team_member}}"),
    ("Visits", "{{count}}"),
    ("When", "{{dates}}"),
    ("Where", "{{place}}"),
    ("Price of each", "{{price}}"),
)
WHO = (
    ("Customer", "{{customer_name}}"),
    ("E-mail", "{{customer_email}}"),
    ("Phone", "{{customer_phone}}"),
)
CHARGED = (
    ("Paid", "{{amount}}"),
    ("Paid with", "{{card}}"),
    ("Date", "{{charged_on}}"),
)
