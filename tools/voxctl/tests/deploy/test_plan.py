"""The plan is what an operator says yes to: what it leaves out would surprise him at night."""

from __future__ import annotations

import pytest
from voxctl.deploy.plan import HostSeen, Seen, ServiceSeen, plan, render, schema_fits
from voxctl.deploy.world import Release, SeatNow

pytestmark = pytest.mark.unit

OLD = Release(
    tag="2026.02.03-1",
    revision="a41c9e0" + "0" * 33,
    refs={name: f"vox/{name}@sha256:old" for name in ("voxcore", "voxbridge", "voxui", "voxregistry", "voxdialler")},
    schema_version=14,
    schema_min=13,
    verdict="good",
)
NEW = Release(
    tag="2026.02.05-2",
    revision="77b20f3" + "0" * 33,
    refs={name: f"vox/{name}@sha256:new" for name in OLD.refs},
    schema_version=15,
    schema_min=14,
)


def seats(host: str, idle: int, busy: int, *, ref: str = OLD.refs["voxcore"], surge: int = 2) -> tuple[SeatNow, ...]:
    regular = [
        SeatNow(f"{host}-{n}", host, ref=ref, tag=OLD.tag, phase="idle" if n <= idle else "busy", registered=True)
        for n in range(1, idle + busy + 1)
    ]
    return (*regular, *(SeatNow(f"{host}-s{k}", host, surge=True) for k in range(1, surge + 1)))


def replicas(name: str, count: int = 2, *, ref: str = "") -> ServiceSeen:
    return ServiceSeen(name, (ref or OLD.refs[name],) * count, wanted=count)


PRODUCTION = Seen(
    env="production",
    hosts=(
        HostSeen("api1", services=(replicas("voxbridge"), replicas("voxui"), replicas("voxregistry"))),
        HostSeen("fleet1", seats=seats("fleet1", 9, 7), surge=2, eta_s=360, config={"host.env": 2}),
        HostSeen("dialler1", services=(replicas("voxdialler", 1),)),
    ),
    tag=OLD.tag,
    revision=OLD.revision,
    last_good=OLD,
    schema=14,
)

EXPECTED = """\
production  2026.02.03-1 → 2026.02.05-2   (a41c9e0 → 77b20f3)   lock free   last good 2026.02.03-1
api1      voxregistry ×2  replace one by one      voxbridge ×2  replace one by one      voxui ×2  replace
fleet1    16 seats: 9 idle → now, 7 busy → when their calls end (eta 6 min)   surge 2   canary fleet1-s1
dialler1  voxdialler ×1  hand over (rings settle ≤ 75 s)
database schema 14 → 15 (additive; 2026.02.03-1 can read it: yes)       config: 2 lines change in host.env of fleet1
"""


def test_the_printed_plan_names_every_host_every_seat_and_the_schema() -> None:
    assert render(plan(PRODUCTION, NEW)) == EXPECTED


def test_a_release_that_runs_everywhere_leaves_nothing_to_do() -> None:
    seen = Seen(env="staging", hosts=(HostSeen("fleet1", seats=seats("fleet1", 4, 0)),), tag=OLD.tag, schema=14)
    found = plan(seen, OLD)
    assert not found.changes
    assert "nothing to do: 2026.02.03-1 runs everywhere" in render(found)


def test_only_the_first_host_with_old_seats_has_the_canary() -> None:
    hosts = (
        HostSeen("fleet1", seats=seats("fleet1", 4, 0, ref=NEW.refs["voxcore"])),
        HostSeen("fleet2", seats=seats("fleet2", 4, 0), surge=1),
        HostSeen("fleet3", seats=seats("fleet3", 4, 0), surge=1),
    )
    found = plan(Seen(env="production", hosts=hosts), NEW)
    assert [host.seats and host.seats.canary for host in found.hosts] == ["", "fleet2-s1", ""]


def test_without_room_for_surge_the_first_idle_seat_is_the_canary() -> None:
    found = plan(Seen(env="production", hosts=(HostSeen("fleet1", seats=seats("fleet1", 2, 2), surge=0),)), NEW)
    assert found.hosts[0].seats is not None
    assert (found.hosts[0].seats.canary, found.hosts[0].seats.surge) == ("fleet1-1", 0)


def test_one_service_or_one_host_leaves_the_others_as_they_are() -> None:
    only_bridge = plan(PRODUCTION, NEW, service="voxbridge")
    assert [[each.name for each in host.services] for host in only_bridge.hosts] == [["voxbridge"], [], []]
    assert all(host.seats is None for host in only_bridge.hosts)
    assert [host.name for host in plan(PRODUCTION, NEW, host="fleet1").hosts] == ["fleet1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"has_check": False}, "no spoken call"),
        ({"lock": "asha@ops1 deploys 2026.02.05-2 since 12:03"}, "asha@ops1"),
        ({"unfinished": "deploy d-17"}, "--resume"),
        ({"schema": 11}, "deploy a release between them first"),
    ],
)
def test_what_stands_in_the_way_is_said_with_the_way_out(change: dict[str, object], words: str) -> None:
    seen = Seen(**{**PRODUCTION.__dict__, **change})
    assert words in render(plan(seen, NEW))


def test_a_bad_release_is_named_with_its_reason() -> None:
    bad = NEW.model_copy(update={"verdict": "bad", "reason": "fleet1-s1 does not start"})
    assert "fleet1-s1 does not start" in render(plan(PRODUCTION, bad))


@pytest.mark.parametrize(("present", "fits"), [(0, True), (12, False), (13, True), (14, True), (15, True), (16, False)])
def test_a_release_works_on_its_schema_down_to_its_minimum_and_one_newer(present: int, fits: bool) -> None:
    assert schema_fits(present, OLD) is fits
