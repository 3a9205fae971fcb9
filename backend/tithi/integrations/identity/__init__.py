# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who is calling: sessions from an identity provider, and the verification of the access tokens they carry.

Words: a *session* is a pair of tokens for one signed-in person; an *identity* is what a verified access token proves;
*assurance* says whether a second factor was given. `contract` names the port and its errors, `tokens` verifies,
`signing` mints tokens for the local provider, `supabase` is the hosted one.
"""
