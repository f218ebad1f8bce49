"""Files of a fleet host: the same inventory gives the same bytes, and every container is as closed as the rules say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from voxctl.balancer.render import is_untouched
from voxctl.checkout import checkout
from voxctl.cli import app
from voxctl.commands.host import kept_images
from voxctl.commands.observe import targets_of
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.rendering import render_host
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

SAMPLE = checkout() / "deploy" / "examples" / "deploy.yml"


@pytest.fixture
def inventory() -> Inventory:
    return load_inventory(SAMPLE)


@pytest.fixture
def services(inventory: Inventory) -> dict[str, Any]:
    return YAML(typ="safe").load(render_host(inventory, "fleet1")["compose.yaml"])["services"]


def vox(*words: str) -> int:
    return app(["host", *words], result_action="return_value", exit_on_error=False)


def test_the_rendering_beside_the_template_is_that_of_the_sample_inventory(inventory: Inventory) -> None:
    """Whoever reads deploy/compose/host.yaml reads what a host gets."""
    kept = checkout() / "deploy" / "compose" / "host.yaml"
    assert kept.read_text() == render_host(inventory, "fleet1")["compose.yaml"], (
        f"vox host render fleet1 --inventory {SAMPLE} --out X, then copy X/compose.yaml to {kept}"
    )


def test_rendering_twice_gives_the_same_bytes(inventory: Inventory) -> None:
    """A8."""
    assert render_host(inventory, "fleet1") == render_host(load_inventory(SAMPLE), "fleet1")
    assert is_untouched(render_host(inventory, "fleet1")["haproxy.cfg"])


def test_every_seat_has_its_own_container_image_name_and_address(services: dict[str, Any]) -> None:
    """H1, H2, H3."""
    seats = {name: body for name, body in services.items() if name.startswith("seat-")}
    assert list(seats) == [f"seat-{n:02}" for n in range(1, 9)] + ["seat-s1", "seat-s2"]
    for number in range(1, 9):
        seat = seats[f"seat-{number:02}"]
        assert seat["image"].startswith("${" + f"SEAT_{number:02}_IMAGE")
        assert seat["networks"]["seats"]["ipv4_address"] == f"172.30.89.{100 + number}"
        assert seat["environment"] == {
            "VOXCORE_WORKER_ID": f"fleet1-{number}",
            "VOXCORE_DIRECT_URL": f"http://10.0.0.11:8088/seats/fleet1-{number}",
        }
    assert seats["seat-s1"]["profiles"] == ["surge"]
    assert seats["seat-s1"]["networks"]["seats"]["ipv4_address"] == "172.30.89.241"


def test_no_container_is_stopped_before_its_longest_call_is_over(services: dict[str, Any]) -> None:
    """H5: Docker's own ten seconds would cut every call."""
    assert {body["stop_grace_period"] for body in services.values()} == {"130m"}
    assert services["lb"]["stop_signal"] == "SIGUSR1"


def test_every_container_is_closed_and_limited(services: dict[str, Any]) -> None:
    """H7, H8, H10."""
    for name, body in services.items():
        assert body["user"] == "10001:10001", name
        assert body["read_only"] is True
        assert body["cap_drop"] == ["ALL"]
        assert body["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in body
        assert "network_mode" not in body
        assert not any("docker.sock" in volume for volume in body["volumes"])
        assert body["mem_limit"]
        assert body["pids_limit"]
        assert body["logging"]["options"] == {"max-size": "20m", "max-file": "5", "compress": "true"}
    assert services["seat-01"]["volumes"] == ["/var/lib/vox/outbox:/var/lib/vox/outbox"]
    assert (services["seat-01"]["mem_limit"], services["lb"]["mem_limit"]) == ("700m", "512m")


def test_the_private_side_is_published_on_the_private_address_alone(services: dict[str, Any]) -> None:
    """Section 22: Docker's publishing passes by the host's firewall."""
    private = [port for port in services["lb"]["ports"] if "8088" in port]
    assert private == ["10.0.0.11:8088:8088"]
    assert not any("ports" in body for name, body in services.items() if name != "lb")


def test_the_balancer_declares_all_seats_that_may_come_and_asks_those_that_run(inventory: Inventory) -> None:
    """H11, L6."""
    config = render_host(inventory, "fleet1")["haproxy.cfg"]
    assert config.count("  server fleet1-32 ") == 4
    assert "server fleet1-s2 172.30.89.242:8000" in config
    assert "  retries 10\n" in config


def test_seats_keep_the_image_that_they_run(tmp_path: Path) -> None:
    """A render is no deploy: only a new seat gets the inventory's image."""
    (tmp_path / "seats.env").write_text("LB_IMAGE=old-lb\nSEAT_01_IMAGE=old\n")
    fresh = "LB_IMAGE=new-lb\nSEAT_01_IMAGE=new\nSEAT_02_IMAGE=new\n"
    assert kept_images(tmp_path / "seats.env", fresh) == "LB_IMAGE=old-lb\nSEAT_01_IMAGE=old\nSEAT_02_IMAGE=new\n"


def test_a_rendered_host_says_what_changed_and_refuses_a_balancer_edited_by_hand(tmp_path: Path) -> None:
    assert vox("render", "fleet1", "--inventory", str(SAMPLE), "--out", str(tmp_path)) == 0
    config = tmp_path / "haproxy.cfg"
    config.write_text(config.read_text().replace("timeout connect 1s", "timeout connect 9s"))
    with pytest.raises(CommandError, match="changed by hand"):
        vox("render", "fleet1", "--inventory", str(SAMPLE), "--out", str(tmp_path))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("address: 10.0.0.11", "address: 8.8.8.8"), "hosts.fleet1.address"),
        (("seats: 8", "seats: 0"), "needs seats"),
        (("seats: 8", "seats: 8\n    seatz: 9"), "seatz"),
        (("VOX_ENV: production", "VOXCORE_SECRET: abc"), "secrets.env"),
        (("VOX_ENV: production", "MAX_CONCURRENT_CALLS: '2'"), "set by the rendering"),
        (("https://fleet1.example.com", "fleet1.example.com"), "public_url"),
    ],
)
def test_a_wrong_inventory_is_refused_with_the_place_and_the_way_out(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    """Unknown keys, too: a typing error must not become a default."""
    file = tmp_path / "deploy.yml"
    text = SAMPLE.read_text()
    assert change[0] in text
    file.write_text(text.replace(*change))
    with pytest.raises(CommandError, match=said):
        load_inventory(file)


def test_an_overlay_merges_maps_and_replaces_lists(tmp_path: Path) -> None:
    (tmp_path / "deploy.yml").write_text(SAMPLE.read_text())
    (tmp_path / "deploy.staging.yml").write_text("hosts: {fleet1: {seats: 2, trusted_nets: []}}\n")
    host = load_inventory(tmp_path / "deploy.yml", "staging").hosts["fleet1"]
    assert (host.seats, host.trusted_nets, host.public_url) == (2, [], "https://fleet1.example.com")
    with pytest.raises(CommandError, match=r"deploy\.live\.yml"):
        load_inventory(tmp_path / "deploy.yml", "live")


def test_prometheus_is_told_of_every_seat_by_its_own_path(inventory: Inventory) -> None:
    """Section 19: through the private side, so no seat has a port of its own."""
    jobs = targets_of(inventory)
    assert len(jobs["voxcore"]) == 8
    assert jobs["voxcore"][2] == {
        "targets": ["10.0.0.11:8088"],
        "labels": {
            "host": "fleet1",
            "seat": "fleet1-3",
            "__metrics_path__": "/seats/fleet1-3/metrics",
            "instance": "fleet1-3",
        },
    }
    assert [each["labels"]["host"] for each in jobs["haproxy"]] == ["api1", "fleet1", "in1"]
    assert [each["labels"]["instance"] for each in jobs["voxbridge"]] == ["api1-voxbridge-a", "api1-voxbridge-b"]


def test_an_ingress_host_is_one_closed_balancer(inventory: Inventory) -> None:
    """G6: its configuration is made on the host, from ingress.yml."""
    files = render_host(inventory, "in1")
    assert list(files) == ["compose.yaml", "seats.env"]
    services = YAML(typ="safe").load(files["compose.yaml"])["services"]
    assert list(services) == ["lb"]
    assert services["lb"]["read_only"] is True
    assert services["lb"]["stop_grace_period"] == "130m"
    assert "10.0.0.21:8088:8088" in services["lb"]["ports"]
