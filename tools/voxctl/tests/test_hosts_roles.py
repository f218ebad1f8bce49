"""Files of hosts of every role, alone and on one machine: E1 to E5, H10, and who is told which secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from voxctl.balancer.render import is_untouched
from voxctl.cli import app
from voxctl.commands.host import check_compose
from voxctl.commands.observe import targets_of
from voxctl.docs import variables_of
from voxctl.hosts.inventory import SECRET, Inventory
from voxctl.hosts.layout import image_of
from voxctl.hosts.memory import check_memory, most_seats
from voxctl.hosts.rendering import render_host, required_secrets
from voxctl.hosts.replicas import KINDS, replicas_of
from voxctl.hosts.told import told
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

SERVICES = {
    "voxbridge": {"replicas": 2, "env": {"PUBLIC_BASE_URL": "https://api.example.com"}},
    "voxui": {"env": {"PUBLIC_BASE_URL": "https://console.example.com"}},
}
FLEET = {"roles": ["fleet"], "seats": 4, "public_url": "https://fleet1.example.com"}
SPREAD = {
    "api1": {"address": "10.0.0.5", "roles": ["api"], "trusted_nets": ["10.0.0.0/24"]},
    "data1": {"address": "10.0.0.6", "roles": ["data"]},
    "dialler1": {"address": "10.0.0.9", "roles": ["sip", "dialler"]},
    "check1": {"address": "10.0.0.10", "roles": ["check"]},
    "fleet1": {"address": "10.0.0.11", **FLEET},
}
TOGETHER = {"all1": {"address": "10.0.0.5", **FLEET, "roles": ["api", "data", "dialler", "check", "fleet"]}}


def inventory(hosts: dict[str, Any] = SPREAD, services: dict[str, Any] = SERVICES, **more: Any) -> Inventory:
    given = {
        "image": "registry.example.com/vox/voxcore:2026.02.03-1",
        "balancer_image": "haproxy:3.0",
        "hosts": hosts,
        "services": services,
    }
    return Inventory.model_validate(given | more)


def services_of(known: Inventory, name: str) -> dict[str, Any]:
    return YAML(typ="safe").load(render_host(known, name)["compose.yaml"])["services"]


HOSTS = [*((name, SPREAD) for name in SPREAD), ("all1", TOGETHER)]


@pytest.mark.parametrize(("name", "hosts"), HOSTS, ids=[name for name, _ in HOSTS])
def test_rendering_twice_gives_the_same_bytes(name: str, hosts: dict[str, Any]) -> None:
    """A8."""
    files = render_host(inventory(hosts), name)
    assert files == render_host(inventory(hosts), name)
    assert "haproxy.cfg" not in files or is_untouched(files["haproxy.cfg"])


@pytest.mark.parametrize(("name", "hosts"), HOSTS, ids=[name for name, _ in HOSTS])
def test_every_container_is_closed_and_limited(name: str, hosts: dict[str, Any]) -> None:
    """H10. Store images know users of their own; MinIO's knows root alone, here without any capability."""
    users = {"mongo": "999:999", "mongo-init": "999:999", "valkey": "999:1000", "minio": "0:0"}
    for service, body in services_of(inventory(hosts), name).items():
        assert body["user"] == users.get(service, "10001:10001"), service
        assert body["read_only"] is True, service
        assert body["cap_drop"] == ["ALL"], service
        assert body["security_opt"] == ["no-new-privileges:true"], service
        assert not {"privileged", "network_mode", "cap_add"} & set(body), service
        assert not any("docker.sock" in volume for volume in body.get("volumes", [])), service
        assert body["mem_limit"], service
        assert body["pids_limit"], service
        assert body["logging"]["options"]["max-size"] == "20m", service


@pytest.mark.parametrize(("name", "hosts"), HOSTS, ids=[name for name, _ in HOSTS])
def test_only_the_balancer_is_public_and_all_else_listens_on_the_private_address(
    name: str, hosts: dict[str, Any]
) -> None:
    """E4, section 22."""
    for service, body in services_of(inventory(hosts), name).items():
        public = [port for port in body.get("ports", []) if not port.startswith(hosts[name]["address"] + ":")]
        assert public == (["443:8443", "80:8080"] if service == "lb" else []), service


def test_one_machine_publishes_no_store_and_keeps_seats_from_all_but_the_object_store() -> None:
    """E5."""
    known = inventory(TOGETHER)
    services = services_of(known, "all1")
    assert not any("ports" in services[store] for store in ("mongo", "valkey", "minio"))
    assert YAML(typ="safe").load(render_host(known, "all1")["compose.yaml"])["networks"]["data"] == {"internal": True}
    assert list(services["seat-01"]["networks"]) == ["seats"]
    assert [name for name in ("mongo", "valkey", "minio") if "seats" in services[name]["networks"]] == ["minio"]
    assert {"voxbridge-a", "voxbridge-b", "voxui-a", "voxregistry-a", "voxdialler-a", "voxvoice-a"} <= set(services)


def test_no_container_is_told_a_secret_that_it_does_not_need() -> None:
    """A seat that runs a caller's conversation knows no password of a store; nobody knows all."""
    services = services_of(inventory(TOGETHER), "all1")
    for name, secrets in {
        "seat-01": {"VOXCORE_SECRET", "S3_ACCESS_KEY", "S3_SECRET_KEY"},
        "voxregistry-a": {"VOXCORE_SECRET", "VALKEY_PASSWORD"},
        "voxbridge-a": {
            *("VOXCORE_SECRET", "JWT_SECRET", "SETTINGS_ENCRYPTION_KEY", "MONGODB_PASSWORD", "VALKEY_PASSWORD"),
            *("VOXBRIDGE_S3_ACCESS_KEY", "VOXBRIDGE_S3_SECRET_KEY"),
        },
        "voxdialler-a": {"VOXCORE_SECRET", "MONGODB_PASSWORD"},
        "voxui-a": set(),
        "voxphone-a": {"VOXPHONE_API_TOKEN"},
        "valkey": {"VALKEY_PASSWORD"},
        "minio": {"MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"},
    }.items():
        body = services[name]
        assert set(re.findall(r"\$\{(\w+):\?stands in /etc", str(body.get("environment", {})))) == secrets, name
        assert "/etc/vox/secrets.env" not in body.get("env_file", []), name


@pytest.mark.parametrize("service", ["voxregistry", "voxbridge", "voxdialler", "voxcore"])
def test_every_secret_that_a_service_reads_reaches_it(service: str) -> None:
    """From the settings classes: a new secret that no host passes on would be found in production alone."""
    wanted = {variable.name for variable in variables_of(service) if SECRET.search(variable.name)}
    given = set(told(inventory(TOGETHER), service))
    assert wanted - {"VOXUI_TOKEN_KEY", "VOXPHONE_API_KEY"} <= given  # names, not secrets


def test_the_stores_have_passwords_a_replica_set_and_a_key_a_service() -> None:
    """E4."""
    services = services_of(inventory(), "data1")
    mongo = str(services["mongo"]["entrypoint"])
    assert "--replSet rs0" in mongo
    assert "--keyFile" in mongo
    assert '"10.0.0.6:27017"' in str(services["mongo-init"]["command"])
    valkey = str(services["valkey"]["entrypoint"])
    assert "requirepass" in valkey
    assert "--appendonly yes" in valkey
    policies = services["minio-init"]["command"][0]
    workers, control = re.findall(r"policy vox-(?:workers|control) '(.*)'", policies)
    assert "DeleteObject" not in workers
    assert "DeleteObject" in control
    told_bridge = told(inventory(), "voxbridge")
    assert told_bridge["S3_ACCESS_KEY"] == "${VOXBRIDGE_S3_ACCESS_KEY:?stands in /etc/vox/secrets.env}"
    assert str(told_bridge["MONGODB_URI"]).endswith("@10.0.0.6:27017/?replicaSet=rs0&authSource=admin")


def test_three_data_hosts_are_one_replica_set_and_two_are_refused() -> None:
    """E4: the account and the other stores are made on the first one alone."""
    hosts = SPREAD | {f"data{n}": {"address": f"10.0.0.{5 + n}", "roles": ["data"]} for n in (1, 2, 3)}
    hosts["dialler1"] = {"address": "10.0.0.20", "roles": ["dialler"]}
    uri = str(told(inventory(hosts), "voxdialler")["MONGODB_URI"])
    assert "@10.0.0.6:27017,10.0.0.7:27017,10.0.0.8:27017/" in uri
    assert list(services_of(inventory(hosts), "data2")) == ["mongo"]
    del hosts["data3"]
    with pytest.raises(CommandError, match="one member or three"):
        told(inventory(hosts), "voxdialler")


def test_without_a_data_host_the_addresses_of_the_stores_come_from_the_secrets() -> None:
    hosts = {name: body for name, body in SPREAD.items() if name != "data1"}
    given = told(inventory(hosts), "voxbridge")
    assert given["MONGODB_URI"] == "${MONGODB_URI:?stands in /etc/vox/secrets.env}"
    assert given["REDIS_URL"] == "${REDIS_URL:?stands in /etc/vox/secrets.env}"
    assert "S3_ACCESS_KEY" not in given


def test_two_replicas_run_and_a_single_one_has_a_place_beside_it() -> None:
    """Section 12: with one replica the new one starts first beside it."""
    services = services_of(inventory(), "api1")
    assert "profiles" not in services["voxbridge-b"]
    assert services["voxui-b"]["profiles"] == ["beside"]
    assert "voxbridge-c" not in services
    assert services["voxbridge-a"]["networks"]["inside"] == {"ipv4_address": "172.30.89.21"}


def test_only_one_dialler_runs_and_a_restart_brings_back_that_one() -> None:
    """Its profile stands in seats.env, which a hand-over rewrites."""
    files = render_host(inventory(), "dialler1")
    assert "COMPOSE_PROFILES=voxdialler-a\n" in files["seats.env"]
    services = services_of(inventory(), "dialler1")
    assert [services[f"voxdialler-{letter}"]["profiles"] for letter in "ab"] == [["voxdialler-a"], ["voxdialler-b"]]
    assert services["voxdialler-a"]["volumes"] == services["voxdialler-b"]["volumes"]
    assert services["voxdialler-b"]["ports"] == ["10.0.0.9:8091:8090"]
    assert services["voxdialler-a"]["stop_grace_period"] == "180s"


def test_the_edge_knows_every_replica_and_every_dialler() -> None:
    """E1."""
    config = render_host(inventory(), "api1")["haproxy.cfg"]
    assert "  server voxbridge-b 172.30.89.22:8080\n" in config
    assert "  server dialler1-voxdialler-b 10.0.0.9:8091\n" in config
    assert "-i api.example.com console.example.com\n" in config
    shared = inventory(services={"voxbridge": SERVICES["voxbridge"]})
    assert "acl console    hdr(host),host_only -i api.example.com\n" in render_host(shared, "api1")["haproxy.cfg"]


def test_seats_of_a_machine_that_has_all_stand_behind_the_same_balancer() -> None:
    """E5."""
    config = render_host(inventory(TOGETHER), "all1")["haproxy.cfg"]
    assert config.count("\nfrontend public\n") == 1
    assert "  server all1-4 172.30.89.104:8000\n" in config
    assert "backend targeted" in config


def test_calls_of_a_deploy_may_reach_the_models_of_role_check() -> None:
    """Section 12: rendered into the allowlist beside what the operator wrote there."""
    more = SERVICES | {"voxcore": {"env": {"OUTBOUND_URL_ALLOWLIST": "crm.internal"}}}
    assert "OUTBOUND_URL_ALLOWLIST=10.0.0.10:8060\n" in render_host(inventory(), "fleet1")["host.env"]
    merged = "OUTBOUND_URL_ALLOWLIST=crm.internal,10.0.0.10:8060\n"
    assert merged in render_host(inventory(services=more), "fleet1")["host.env"]


def test_a_dollar_in_a_value_stays_one() -> None:
    """Compose would read `$` as the name of a variable."""
    more = SERVICES | {"voxregistry": {"env": {"REGISTRY_CONFIG": "/a$b"}}}
    assert told(inventory(services=more), "voxregistry")["REGISTRY_CONFIG"] == "/a$$b"


@pytest.mark.parametrize(("name", "hosts"), HOSTS, ids=[name for name, _ in HOSTS])
def test_compose_takes_what_is_rendered(name: str, hosts: dict[str, Any], tmp_path: Path) -> None:
    """`vox host render`, then the first half of `vox host check`; what HAProxy says, layer `ingress` asks."""
    YAML().dump(inventory(hosts).model_dump(mode="json"), tmp_path / "deploy.yml")
    words = [name, "--inventory", str(tmp_path / "deploy.yml"), "--out", str(tmp_path / name)]
    assert app(["host", "render", *words], result_action="return_value", exit_on_error=False) == 0
    check_compose(tmp_path / name)


def test_what_compose_needs_from_the_secrets_can_be_listed() -> None:
    """`vox host up` says what is missing before it begins."""
    assert required_secrets(render_host(inventory(), "check1")["compose.yaml"]) == ["VOXPHONE_API_TOKEN"]
    assert "MONGO_KEYFILE" in required_secrets(render_host(inventory(), "data1")["compose.yaml"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"services": {}}, "PUBLIC_BASE_URL"),
        ({"image": "registry.example.com/vox/voxcore@sha256:" + "0" * 64}, "the tag of a whole release"),
        ({"hosts": {"api1": {"address": "10.0.0.5", "roles": ["api", "ingress"]}}}, "both want port 443"),
        ({"hosts": {"x": {"address": "10.0.0.5", **FLEET, "roles": ["fleet", "dialler"]}}}, "but not role api"),
        ({"hosts": {"x": {"address": "10.0.0.5", "roles": ["sip"]}}}, "not rendered yet"),
    ],
)
def test_what_cannot_be_rendered_is_refused_with_the_way_out(change: dict[str, Any], said: str) -> None:
    known = inventory(**({"hosts": SPREAD} | change))
    with pytest.raises(CommandError, match=said):
        render_host(known, "api1" if "api1" in known.hosts else "x")


def test_seats_leave_a_gigabyte_and_a_half_free_beside_everything_else() -> None:
    """E5."""
    known = inventory(TOGETHER)
    assert most_seats(known, "all1", 8192) == 6
    check_memory(known, "all1", 8192)
    with pytest.raises(CommandError, match="write seats: 1 instead of 4"):
        check_memory(known, "all1", 6000)


def test_every_image_of_a_release_has_its_tag() -> None:
    assert image_of(inventory(), "voxbridge") == "registry.example.com/vox/voxbridge:2026.02.03-1"
    assert [each.variable for each in replicas_of(inventory(), "api1", "voxbridge")] == [
        "VOXBRIDGE_A_IMAGE",
        "VOXBRIDGE_B_IMAGE",
    ]
    assert len({kind.number for kind in KINDS.values()}) == len(KINDS)


def test_prometheus_asks_each_replica_by_its_own_path_on_the_private_side() -> None:
    """Section 19. A place beside a single replica is asked by nobody: it is there during deploys alone."""
    jobs = targets_of(inventory())
    paths = [(each["targets"], each["labels"]["__metrics_path__"]) for each in jobs["voxbridge"]]
    assert paths == [(["10.0.0.5:8088"], f"/replicas/voxbridge-{letter}/metrics") for letter in "ab"]
    assert len(jobs["voxregistry"]) == 1
    assert [each["targets"] for each in jobs["voxdialler"]] == [["10.0.0.9:8090"], ["10.0.0.9:8091"]]
    assert [each["labels"]["host"] for each in jobs["haproxy"]] == ["api1", "fleet1"]


def test_hosts_run_with_the_checks_of_production_unless_they_are_known_to_be_staging() -> None:
    assert told(inventory(), "voxbridge")["VOX_ENV"] == "production"
    known = inventory()
    known.env = "staging"
    assert told(known, "voxbridge")["VOX_ENV"] == "staging"
