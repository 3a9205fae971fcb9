# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The system user that Postgres runs as when we are root, which it refuses to be, and what that user can reach."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tithi.devstack.errors import ServerError

NAME = "tithi-postgres"
# Outside every home directory, so that the user can get there.
REACHABLE_DIRECTORY = Path("/var/lib/tithi-devstack")
_TRIES = 20
_RETRY_SECONDS = 0.25


def needed_user() -> str | None:
    """The user to become, made if it is missing; None when we are not root and may stay who we are.

    Raises:
        ServerError: the user is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return None
    for _ in range(_TRIES):
        with suppress(KeyError):
            return pwd.getpwnam(NAME).pw_name
        result = _make_user()
        if result.returncode != 0:
            # Somebody else may hold the lock of the user database, or make the same user.
            time.sleep(_RETRY_SECONDS)
    message = f"Postgres may not run as root, and the system user {NAME} could not be made: {result.stderr.strip()}"
    raise ServerError(message)


def can_run(user: str | None, command: Sequence[str]) -> bool:
    """Whether the user may start this program and it ends well."""
    try:
        result = subprocess.run(  # noqa: S603 - the commands are ours
            command, cwd="/", env={}, capture_output=True, check=False, **_as_user(user)
        )
    except OSError:
        return False
    return result.returncode == 0


def can_enter(user: str | None, directory: Path) -> bool:
    if user is None:
        return os.access(directory, os.X_OK)
    return can_run(user, ["/bin/sh", "-c", 'test -x "$1"', "sh", str(directory)])


def make_reachable_directory() -> None:
    REACHABLE_DIRECTORY.mkdir(parents=True, exist_ok=True)
    REACHABLE_DIRECTORY.chmod(0o711)


def own_directory(directory: Path, user: str | None) -> Path:
    """Make `directory` a place that the user owns and nobody else reads.

    Where the user cannot get there, as below /root, the place is made in `REACHABLE_DIRECTORY` and `directory` becomes
    a link to it.

    Returns:
        the real place.
    """
    if user is not None and not can_enter(user, directory.parent):
        _move_to_reachable(directory)
    place = directory.resolve()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        _give(place, user)
    place.chmod(0o700)
    return place


def remove(path: Path) -> None:
    """Remove a file or a directory; for a link made by `own_directory` also the place it leads to."""
    if path.is_symlink():
        shutil.rmtree(path.resolve(), ignore_errors=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def temporary_directory(prefix: str, user: str | None) -> Path:
    """A new directory of the user's own, in the first place for temporary files that the user can reach."""
    candidates = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - mkdtemp makes the name
    base = next((base for base in candidates if can_enter(user, base)), candidates[0])
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    return own_directory(directory, user)


def run(command: Sequence[str], *, user: str | None, environment: dict[str, str]) -> None:
    """Run a program as the user.

    Raises:
        ServerError: it failed; the message ends with what it said.
    """
    result = subprocess.run(  # noqa: S603 - the commands are ours
        command,
        cwd="/",
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        start_new_session=True,
        **_as_user(user),
    )
    if result.returncode != 0:
        message = f"{Path(command[0]).name} failed:\n{result.stdout}{result.stderr}"
        raise ServerError(message)


def _as_user(user: str | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": ()}


def _make_user() -> subprocess.CompletedProcess[str]:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/", NAME]
    if shutil.which("useradd") is None:
        command = ["adduser", "-S", "-D", "-H", NAME]  # as in images that are built on BusyBox
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - the command is ours
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def _move_to_reachable(directory: Path) -> None:
    if directory.is_symlink() and directory.exists():
        return
    make_reachable_directory()
    place = Path(tempfile.mkdtemp(prefix=f"{directory.name}-", dir=REACHABLE_DIRECTORY))
    if directory.is_dir():
        place.rmdir()
        shutil.move(directory, place)
    directory.unlink(missing_ok=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.symlink_to(place)


def _give(place: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    if place.stat().st_uid == entry.pw_uid:
        return
    os.chown(place, entry.pw_uid, entry.pw_gid)
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            os.chown(Path(folder) / name, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
