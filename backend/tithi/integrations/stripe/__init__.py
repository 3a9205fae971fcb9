# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Money from cards on a business's own Stripe account, in our own words.

Words: an *account* is the business's connected account and every money call names it; a *setup* saves a card for later
use; a *charge* is one payment from authorization to capture; a *decline* is an answer, not an error. `contract` names
the port and its errors, `client` is the real one and the only module that knows the vendor's library, `sandbox` is a
stateful stand-in for the vendor, served over HTTP.
"""
