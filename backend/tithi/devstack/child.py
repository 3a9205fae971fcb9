# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Becomes another program that dies with its parent; run as a script, it imports nothing of Tithi.

Arguments: the parent's pid, the signal for when the parent is gone, the system user to become ("-" to stay), the
program and its arguments. The pid stays the same, so the parent may signal the program directly.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, signal_number, user, *command = arguments
    if user != "-":
        _become(pwd.getpwnam(user))
    # Set after the change of user, which clears it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the whole purpose; no shell is involved


def _become(user: pwd.struct_passwd) -> None:
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = "/"


if __name__ == "__main__":
    main(sys.argv[1:])
