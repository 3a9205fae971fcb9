# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A load generator in a process of its own: prebuilt requests over kept connections, one selector loop.

Reads `Spec` as JSON from standard input and writes `Load` as JSON to standard output. The file of requests holds each
one with its length before it, as four bytes.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

HEAD_END = b"\r\n\r\n"
LENGTH_BYTES = 4
MOST_AT_ONCE = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """`seconds` of requests taken in turn from the file, or, with `once`, each of them one time."""

    port: int
    requests: str
    connections: int = 16
    seconds: float = 2.0
    warm_up: float = 0.3
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Latencies in milliseconds; `statuses` from the HTTP status to its count."""

    count: int
    seconds: float
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int]

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def write_requests(path: Path, requests: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(len(one).to_bytes(LENGTH_BYTES, "big") + one for one in requests))
    return path


def fire(spec: Spec) -> Load:
    """Run the generator beside this process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(spec)),
        capture_output=True,
        check=True,
        text=True,
    )
    return Load(**json.loads(done.stdout))


class _Connection:
    __slots__ = ("missing", "sent_at", "socket", "text")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.text = b""
        self.missing = -1
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.text = b""
        self.missing = -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has come; says whether the answer is whole."""
        part = self.socket.recv(MOST_AT_ONCE)
        if not part:
            message = "the server closed a kept connection"
            raise ConnectionError(message)
        self.text = self.text + part if self.text else part
        if self.missing < 0:
            end = self.text.find(HEAD_END)
            if end < 0:
                return False
            self.missing = end + len(HEAD_END) + _content_length(self.text[:end])
        return len(self.text) >= self.missing


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _read_requests(path: str) -> Iterator[bytes]:
    content = Path(path).read_bytes()
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + LENGTH_BYTES], "big")
        yield content[at + LENGTH_BYTES : at + LENGTH_BYTES + length]
        at += LENGTH_BYTES + length


def _drive(spec: Spec) -> Load:
    found = list(_read_requests(spec.requests))
    requests = iter(found) if spec.once else cycle(found)
    latencies: list[float] = []
    statuses: Counter[str] = Counter()
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(spec.port) for _ in range(spec.connections)]
        start = time.perf_counter() + (0 if spec.once else spec.warm_up)
        end = float("inf") if spec.once else start + spec.seconds
        open_count = 0
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            first = next(requests, None)
            if first is not None:
                connection.send(first)
                open_count += 1
        last = start
        while open_count:
            for key, _ in selector.select():
                connection = key.data
                if not connection.receive():
                    continue
                now = time.perf_counter()
                if start <= now < end:
                    latencies.append(now - connection.sent_at)
                    statuses[connection.text[9:12].decode()] += 1
                    last = now
                following = next(requests, None) if now < end else None
                if following is None:
                    open_count -= 1
                else:
                    connection.send(following)
        for connection in connections:
            connection.socket.close()
    latencies.sort()
    return Load(
        count=len(latencies),
        seconds=last - start,
        p50=latencies[len(latencies) // 2] * 1000,
        p95=latencies[int(len(latencies) * 0.95)] * 1000,
        p99=latencies[int(len(latencies) * 0.99)] * 1000,
        statuses=dict(statuses),
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_drive(Spec(**json.load(sys.stdin))))))
