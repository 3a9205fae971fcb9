# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Sends one text message to one number through Twilio or the message sandbox.

Same words as the mail integration: *message*, *accepted*, *dedupe key*. `contract` names the port and its errors,
`factory` picks the provider.
"""
