# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Sends one mail to one address through SendGrid, Resend or the message sandbox.

Words: a *message* is what is sent; *accepted* means the provider took it over; the *dedupe key* makes one message of
any number of attempts. `contract` names the port and its errors, `factory` picks the provider.
"""
