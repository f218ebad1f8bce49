"""`ingress.yml`: brands, their host names, and the fleet hosts behind them."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from voxctl.balancer.render import BrandServers, FleetServer, IngressBalancer

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fleet(_Strict):
    """A fleet host: `id` is what its worker ids begin with, `seats` how many sockets it may get at once."""

    id: Name
    url: str
    seats: int = Field(ge=1, le=1000)

    @field_validator("url")
    @classmethod
    def _base_url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            port, parts = 0, urlsplit("")
        if parts.scheme not in ("http", "https") or not HOST_NAME.fullmatch(parts.hostname or "") or port == 0:
            raise ValueError("must look like https://fleet1.example.com")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("is scheme, host and port alone, without a path")
        return value.rstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def address(self) -> str:
        parts = urlsplit(self.url)
        return f"{self.host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

    def tls_options(self, ca_file: str) -> str:
        """Keywords of a `server` line: the host must prove the name of its URL."""
        if not self.url.startswith("https:"):
            return ""
        return (
            f" ssl verify required ca-file {ca_file} sni str({self.host}) verifyhost {self.host} "
            f"check-sni {self.host} alpn http/1.1"
        )


class Brand(_Strict):
    """One carrier-facing name (or several) with its certificate and its fleet hosts."""

    name: Name
    hosts: list[str] = Field(min_length=1)
    cert: str | None = None
    fleets: list[Fleet] = Field(default_factory=list)

    @field_validator("name")
    @classmethod
    def _not_taken(cls, value: str) -> str:
        if value in ("nobody", "public", "private", "plain"):
            raise ValueError("is a name of the balancer itself, choose another one")
        return value

    @field_validator("hosts")
    @classmethod
    def _host_names(cls, value: list[str]) -> list[str]:
        if wrong := [host for host in value if not HOST_NAME.fullmatch(host)]:
            raise ValueError(f"{wrong[0]!r} is no host name")
        return value

    @field_validator("cert")
    @classmethod
    def _file_name(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9._-]+\.pem", value):
            raise ValueError("is the name of a .pem file in tls_dir")
        return value


class Ingress(_Strict):
    """The file. Only `brands` is needed; the rest says where the balancer listens and keeps its things."""

    brands: list[Brand] = Field(min_length=1)
    listen: list[str] = Field(default=["0.0.0.0:8443"], min_length=1)
    redirect: str | None = "0.0.0.0:8080"
    private: str = "127.0.0.1:8088"
    tls_dir: Path = Path("/etc/vox/tls")
    run_dir: Path = Path("/var/lib/vox/run")
    ca_file: str = Field(default="@system-ca", pattern=r"^[@A-Za-z0-9._/-]+$")
    trusted_nets: list[str] = Field(default_factory=list)

    @field_validator("listen")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        if wrong := [each for each in value if not re.fullmatch(r"[0-9A-Za-z.:\[\]*-]*:\d{1,5}", each)]:
            raise ValueError(f"{wrong[0]!r} must look like 0.0.0.0:8443")
        return value

    @field_validator("trusted_nets")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for each in value:
            ipaddress.ip_network(each)
        return value

    @model_validator(mode="after")
    def _once_each(self) -> Ingress:
        for what, found in (
            ("brand", [brand.name for brand in self.brands]),
            ("host", [host for brand in self.brands for host in brand.hosts]),
        ):
            if twice := {each for each in found if found.count(each) > 1}:
                raise ValueError(f"{what} {sorted(twice)[0]} stands there twice")
        for brand in self.brands:
            ids = [fleet.id for fleet in brand.fleets]
            if twice := {each for each in ids if ids.count(each) > 1}:
                raise ValueError(f"brand {brand.name}: fleet {sorted(twice)[0]} stands there twice")
        if len({brand.cert is None for brand in self.brands}) > 1:
            raise ValueError("either every brand has a cert, or none (plain HTTP behind another edge)")
        return self

    @property
    def balancer(self) -> IngressBalancer:
        """What the template renders."""
        certificates = [self.tls_dir / brand.cert for brand in self.brands if brand.cert]
        return IngressBalancer(
            brands=[
                BrandServers(
                    brand.name,
                    brand.hosts,
                    [
                        FleetServer(fleet.id, fleet.address, fleet.seats, fleet.tls_options(self.ca_file))
                        for fleet in brand.fleets
                    ],
                )
                for brand in self.brands
            ],
            public_binds=self.listen,
            private_bind=self.private,
            run_dir=self.run_dir,
            certificates=certificates,
            redirect_bind=self.redirect if certificates else None,
            trusted_nets=self.trusted_nets,
        )

    @property
    def health(self) -> str:
        """Base of the private side as this machine reaches it."""
        host, _, port = self.private.rpartition(":")
        return f"http://{'127.0.0.1' if host in ('', '*', '0.0.0.0') else host}:{port}"

    def brand(self, name: str) -> Brand | None:
        return next((brand for brand in self.brands if brand.name == name), None)


def without_fleet(document: Any, brand: str, fleet_id: str) -> None:
    """Take a fleet out of a document that `read_yaml` gave."""
    for each in document["brands"]:
        if each["name"] == brand:
            each["fleets"] = [fleet for fleet in each.get("fleets", []) if fleet["id"] != fleet_id]


def with_fleet(document: Any, brand: str, fleet: Fleet) -> None:
    """Put a fleet into a document that `read_yaml` gave."""
    for each in document["brands"]:
        if each["name"] == brand:
            each.setdefault("fleets", []).append({"id": fleet.id, "url": fleet.url, "seats": fleet.seats})
