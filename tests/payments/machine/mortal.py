# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A process that ends in the middle of its work, without the cost of starting one.

It may end before and after each call to the processor, and before each commit. From then on it does nothing: it begins
no transaction, and what was open is undone, as the database does for a connection that is gone.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy import event

from tithi.platform.db import db


class DiedError(BaseException):
    """The process is no more; nothing that catches errors catches this."""


class Mortal:
    """Counts the points at which a process may end."""

    def __init__(self) -> None:
        self._left: int | None = None
        self.is_dead = False

    @contextmanager
    def ending_after(self, points: int | None) -> Iterator[None]:
        """Let what is done inside end at that point, where it comes so far; None lets it live."""
        self._left = points
        try:
            yield
        finally:
            self._left = None
            self.is_dead = False

    def pass_point(self, *_: object) -> None:
        self.refuse_the_dead()
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.is_dead = True
                raise DiedError

    def refuse_the_dead(self, *_: object) -> None:
        if self.is_dead:
            raise DiedError

    @contextmanager
    def inhabiting(self, *apps: Flask) -> Iterator[None]:
        """Live in the processes of these applications."""
        with ExitStack() as held:
            for app in apps:
                processing = app.extensions["tithi.payments"]
                held.callback(app.extensions.__setitem__, "tithi.payments", processing)
                mortal = MortalProcessor(processing.processor, self)
                app.extensions["tithi.payments"] = replace(processing, processor=mortal)
                with app.app_context():
                    engine = db.engine
                for name, listener in (("begin", self.refuse_the_dead), ("commit", self.pass_point)):
                    event.listen(engine, name, listener)
                    held.callback(event.remove, engine, name, listener)
            yield


class MortalProcessor:
    """The processor, for a caller that may come to its end before and after each call."""

    def __init__(self, processor: Any, life: Mortal) -> None:  # noqa: ANN401 - any processor
        self._processor = processor
        self._life = life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._processor, name)

        def lived(*values: Any, **arguments: Any) -> Any:  # noqa: ANN401 - the answer of any call
            self._life.pass_point()
            try:
                return call(*values, **arguments)
            finally:
                self._life.pass_point()

        return lived
