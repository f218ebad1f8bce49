"""Ports are looked at before anything starts, so that a taken one costs a line and not a half-started stack."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from voxctl.output import EXIT_PREFLIGHT, CommandError


@dataclass(frozen=True)
class Port:
    """A port that a part of the stack is going to listen on, and the variable that moves it."""

    service: str
    number: int
    variable: str


def check_ports(ports: Iterable[Port]) -> None:
    """Raises: CommandError with one line for each port that is taken, wanted twice, or out of range."""
    complaints: list[str] = []
    wanted: dict[int, Port] = {}
    for port in ports:
        way_out = f"set {port.variable}, or use --port-offset"
        if not 1 <= port.number <= 65_535:
            complaints.append(f"{port.service} would need port {port.number}, which does not exist: {way_out}")
        elif twin := wanted.get(port.number):
            complaints.append(f"{port.service} and {twin.service} both want port {port.number}: {way_out}")
        elif not _is_free(port.number):
            complaints.append(f"{port.service} needs port {port.number}, {_holder(port.number)}: {way_out}")
        wanted.setdefault(port.number, port)
    if complaints:
        raise CommandError("\n".join(complaints), exit_code=EXIT_PREFLIGHT)


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        # As the servers do it: a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
            probe.listen(1)
        except OSError:
            return False
    return True


def _holder(number: int) -> str:
    """Who listens there, as far as this user may know."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens_there = connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (number,)
            if listens_there and connection.pid:
                return f"taken by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return "taken by another program"
