# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Chance that can be repeated: `TITHI_TEST_SEED` gives the seed that a failed run printed."""

import os
import random


def seeded() -> random.Random:
    seed = int(os.environ.get("TITHI_TEST_SEED") or random.randrange(2**32))  # noqa: S311 - test data
    print(f"TITHI_TEST_SEED={seed}")  # noqa: T201 - a failing run has to be repeatable
    return random.Random(seed)  # noqa: S311 - test data
