# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a business pays for using Tithi, and what that entitles it to. Floor 2.

The *subscription* is the mirror of the one at the processor, on the platform's own account; before the processor was
heard it is a local trial. A *change* is one thing asked of the processor, written down with its key before it is asked.
The *entitlement* follows from the mirror and the clock alone.
"""
