# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A stand-in for mail and text message providers: it accepts messages once per dedupe key, keeps them and shows them.

Words: a *fault* makes the next requests fail in a chosen way. It has no sign-in and is for development and tests only.
Run it with `python -m tithi.integrations.messages_sandbox --port 8025 --state messages.sqlite3`.
"""
