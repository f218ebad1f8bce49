"""Configurations from the templates in `deploy/`: the same input gives the same bytes, whatever the machine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from voxctl.checkout import checkout

MARK = "# sha256 of what follows: "
_MARKED = re.compile(re.escape(MARK) + r"([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Seat:
    """One worker, or one replica, behind a balancer. `address` is `ip:port`: no name is resolved on a call's path."""

    id: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where a balancer listens. Without `certificates` it speaks plain HTTP: tests, or behind another edge."""

    public_binds: Sequence[str]
    private_bind: str
    run_dir: PurePath
    certificates: Sequence[PurePath] = ()
    """PEM files with certificate and key, or folders of them."""
    redirect_bind: str | None = None
    trusted_nets: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class FleetBalancer(Listening):
    """A fleet host: every seat that may exist is declared, `running` of them (surge seats counted) are there."""

    host: str
    seats: Sequence[Seat]
    running: int


@dataclass(frozen=True)
class FleetServer:
    """A fleet host as an ingress sees it. `tls_options` are the keywords of a `server` line, with a leading blank."""

    id: str
    address: str
    seats: int
    tls_options: str = ""


@dataclass(frozen=True)
class BrandServers:
    """One carrier-facing brand: its host names, and the fleet hosts behind them."""

    name: str
    hosts: Sequence[str]
    fleets: Sequence[FleetServer]


@dataclass(frozen=True, kw_only=True)
class IngressBalancer(Listening):
    """An ingress host."""

    brands: Sequence[BrandServers]


@dataclass(frozen=True, kw_only=True)
class ApiBalancer(Listening):
    """The edge of an API host, and of the seats when they are on the same machine."""

    host: str
    api_names: Sequence[str]
    """Host names of voxbridge; `console_names` those of voxui, which may be the same."""
    console_names: Sequence[str] = ()
    registry_bind: str = ""
    bridges: Sequence[Seat] = ()
    consoles: Sequence[Seat] = ()
    registries: Sequence[Seat] = ()
    diallers: Sequence[Seat] = ()
    """All of the installation, here or elsewhere: the one that leads is found by its check."""
    replicas: Sequence[Seat] = ()
    """Of this host, reached one by one on the private side."""
    seats: Sequence[Seat] = ()
    running: int = 0


def environment(folder: Path) -> Environment:
    """Templates of one folder; a name that nobody gave is an error, not an empty text."""
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (no HTML: every value is checked by its model)
    )


TEMPLATES: dict[type[Listening], str] = {
    FleetBalancer: "fleet.cfg.j2",
    IngressBalancer: "ingress.cfg.j2",
    ApiBalancer: "api.cfg.j2",
}


def render_balancer(balancer: FleetBalancer | IngressBalancer | ApiBalancer) -> str:
    """The `haproxy.cfg` of a host, marked with its hash."""
    template = TEMPLATES[type(balancer)]
    values: dict[str, Any] = asdict(balancer)
    text = environment(checkout() / "deploy" / "haproxy").get_template(template).render(values)
    return marked(re.sub(r"\n{3,}", "\n\n", text))


def marked(text: str) -> str:
    """The text under a first line that holds its hash."""
    return f"{MARK}{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def is_untouched(text: str) -> bool:
    """Whether a rendered file is as it was rendered; False as well for one that `vox` never made."""
    found = _MARKED.match(text)
    return found is not None and found[1] == hashlib.sha256(text[found.end() :].encode()).hexdigest()
