"""What commands over SSH say and read, as far as no host is needed; the rest is tried on real ones in tests/deploy."""

from __future__ import annotations

from pathlib import Path

import pytest
from voxctl.commands.host_life import write_count
from voxctl.commands.remote import Line, parsed, service_of
from voxctl.commands.seat import host_of
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.remote import Done, Remote, brief
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

TEXT = """\
# Ours.
image: vox/voxcore:dev
balancer_image: haproxy:3.0
hosts:
  api1: {address: 10.0.0.5, roles: [api]}
  fleet1:
    address: 10.0.0.11
    roles: [fleet]
    public_url: https://f.test
    seats: 4      # as many as fit
    surge: 1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deploy.yml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def inventory(file: Path) -> Inventory:
    return load_inventory(file)


def test_a_message_names_a_command_without_its_script() -> None:
    assert brief(["docker", "ps", "a b"]) == "docker ps 'a b'"
    assert brief(["sh", "-c", "a long\nscript", "sh", "/etc/vox/x", "0600"]) == "sh /etc/vox/x 0600"
    assert len(brief(["x" * 500])) == 118
    assert Done(1, "first\nlast out\n", "").words == "last out"
    assert Done(7, "", "").words == "it ended with 7 and said nothing"


def test_compose_is_told_both_files_and_the_project(inventory: Inventory) -> None:
    words = " ".join(Remote(inventory, "api1").compose_words("ps"))
    assert words.startswith("docker compose --project-directory /opt/vox --env-file ")
    assert {"/etc/vox/secrets.env", "/opt/vox/seats.env"} <= set(words.split())
    assert words.endswith("--file /opt/vox/compose.yaml ps")


def test_a_line_of_a_log_is_taken_apart() -> None:
    raw = 'seat-03-1  | 2026-02-05T10:00:00.123456789Z {"event": "x | y"}'
    assert parsed("fleet1", raw) == Line("2026-02-05T10:00:00.123456789Z", "fleet1", "seat-03", '{"event": "x | y"}')
    assert parsed("api1", "voxbridge-a-1  | 2026-02-05T10:00:00Z ") == Line(
        "2026-02-05T10:00:00Z", "api1", "voxbridge-a", ""
    )
    assert parsed("api1", "no line of a service") is None


@pytest.mark.parametrize(
    ("word", "service"),
    [
        ("fleet1-3", "seat-03"),
        ("3", "seat-03"),
        ("s1", "seat-s1"),
        ("fleet1-s1", "seat-s1"),
        ("seat-02", "seat-02"),
        ("lb", "lb"),
    ],
)
def test_a_seat_is_meant_by_each_of_its_names(inventory: Inventory, word: str, service: str) -> None:
    assert service_of(inventory, "fleet1", word) == service


def test_a_seat_that_is_none_is_named_with_those_that_are(inventory: Inventory) -> None:
    with pytest.raises(CommandError, match="fleet1 has no seat 9: fleet1-1, fleet1-2, fleet1-3, fleet1-4, fleet1-s1"):
        service_of(inventory, "fleet1", "9")
    with pytest.raises(CommandError, match="api1 has no seat 1: it has no seats"):
        service_of(inventory, "api1", "1")
    assert host_of(inventory, "fleet1-3") == "fleet1"
    with pytest.raises(CommandError, match="x is no seat: they are named HOST-NUMBER, and hosts are api1, fleet1"):
        host_of(inventory, "x")
    with pytest.raises(CommandError, match="api1 is not of role fleet"):
        host_of(inventory, "api1-1")


def test_the_number_of_seats_is_written_where_it_stands_and_comments_stay(file: Path) -> None:
    assert write_count(file, "", "fleet1", 6) == file
    assert "    seats: 6      # as many as fit\n" in file.read_text()
    assert file.read_text().startswith("# Ours.\n")
    overlay = file.with_name("deploy.staging.yml")
    overlay.write_text("hosts:\n  fleet1: {seats: 2}  # small\n")
    assert write_count(file, "staging", "fleet1", 3) == overlay
    assert overlay.read_text() == "hosts:\n  fleet1: {seats: 3}  # small\n"
    assert load_inventory(file, "staging").hosts["fleet1"].seats == 3
    assert load_inventory(file).hosts["fleet1"].seats == 6
    overlay.write_text("rolling: {batch: 1}\n")
    assert write_count(file, "staging", "fleet1", 7) == file
