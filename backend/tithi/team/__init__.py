# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who works. A *team member* is backed by one resource of kind staff. Floor 3, above resources."""
