# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the person at the terminal sees: lines of several programs, each with its program's name before it."""

import sys
import threading
from typing import IO

_NAME_WIDTH = 8
_COLOURS = {"tithi": 1, "web": 32, "worker": 33, "beat": 35, "stripe": 36, "messages": 34, "migrate": 90, "demo": 90}


class Console:
    """Writes whole lines, from any thread."""

    def __init__(self, *, output: IO[str] | None = None, is_coloured: bool = False) -> None:
        self._output = output or sys.stdout
        self._is_coloured = is_coloured
        self._lock = threading.Lock()

    def say(self, line: str) -> None:
        self.line("tithi", line)

    def line(self, name: str, line: str) -> None:
        prefix = f"{name:<{_NAME_WIDTH}} |"
        if self._is_coloured:
            prefix = f"\x1b[{_COLOURS.get(name, 0)}m{prefix}\x1b[0m"
        self.block(f"{prefix} {line}\n")

    def block(self, text: str) -> None:
        with self._lock:
            self._output.write(text)
            self._output.flush()

    def follow(self, name: str, stream: IO[bytes]) -> None:
        """Repeat the stream's lines here until it ends."""
        threading.Thread(target=self._repeat, args=(name, stream), name=f"log-{name}", daemon=True).start()

    def _repeat(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            for raw in stream:
                self.line(name, raw.decode("utf-8", errors="replace").rstrip("\r\n"))
