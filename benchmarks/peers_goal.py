# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Availability over HTTP against another booking application that serves the same question on the same stack."""

from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import requests
from benchmarks.calcom.peer import MissingPeerError
from benchmarks.contest import take_turns
from benchmarks.indico import peer
from benchmarks.indico.peer import Indico
from benchmarks.load import Load, Spec, fire, write_requests
from benchmarks.plan import World
from benchmarks.report import Report
from benchmarks.world import BOOKINGS_EACH

CLIENTS = 8
GOAL = 9
# A peer that answers a tenth as often is asked for longer, so that its rate is of enough answers.
LONGER = 2


def peers(world: World) -> Report:
    report = Report("Availability over HTTP against a peer: one member of staff, or one room, seven days")
    try:
        programs = peer.install(Path(world.bench.folder) / "peer-indico")
        with peer.serving(world.bench, programs) as indico:
            _compare(world, report, indico)
    except MissingPeerError as error:
        report.note(f"not compared with Indico: {error}")
    return report


def _compare(world: World, report: Report, indico: Indico) -> None:
    report.exactly("bookings in Indico's answer", BOOKINGS_EACH, indico.booked())
    ports = {"Tithi": world.bench.port_of("tithi", "small"), "Indico": indico.port}
    asked = {"Tithi": requests.availability(world.shop)[0], "Indico": indico.timeline()}
    seconds = {"Tithi": world.seconds, "Indico": world.seconds * LONGER}
    contenders = {
        name: partial(
            fire,
            Spec(
                port=port,
                requests=str(write_requests(world.bench.folder / f"peer-{name}", [asked[name]])),
                connections=CLIENTS,
                seconds=seconds[name],
            ),
        )
        for name, port in ports.items()
    }
    for warm in contenders.values():
        warm()
    found = take_turns(contenders, repeats=world.repeats)
    _require_answers(found)
    rates = {name: median(load.rate for load in loads) for name, loads in found.items()}
    report.least("searches per second, of Indico's room timeline", GOAL, rates["Tithi"] / rates["Indico"])
    report.note(
        f"the same question on the same stack, not the same bytes: Indico {peer.VERSION} shows a room with its"
        f" {BOOKINGS_EACH} bookings to the holder of a token, whose use it writes down; Tithi shows the free times of a"
        " member of staff with as many to anybody"
    )
    for name, loads in found.items():
        p50, p99 = median(load.p50 for load in loads), median(load.p99 for load in loads)
        report.note(f"{name}, {CLIENTS} clients: {rates[name]:,.1f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def _require_answers(found: dict[str, list[Load]]) -> None:
    for name, loads in found.items():
        for load in loads:
            if set(load.statuses) != {"200"}:
                message = f"{name} answered {load.statuses}"
                raise RuntimeError(message)
