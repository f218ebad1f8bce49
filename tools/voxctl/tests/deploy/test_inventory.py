"""deploy.yml: its sample documents it and is its schema; what is wrong is named before anything is connected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from ruamel.yaml import YAML
from voxctl.checkout import checkout
from voxctl.hosts.inventory import Inventory, load_inventory, merged
from voxctl.hosts.schema import SAMPLE, SCHEMA, comments, schema, schema_text
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

# That of the contract, section 11, with the two images that a first rendering needs.
OF_THE_CONTRACT = """
project: vox
registry: registry.example.com
image: registry.example.com/vox/voxcore:2026.02.03-1
balancer_image: haproxy:3.0
ssh: {user: vox, port: 22, known_hosts: deploy/known_hosts, connect_timeout: 10}
hosts:
  api1:     {address: 10.0.0.5,  roles: [api, data, check]}
  fleet1:   {address: 10.0.0.11, roles: [fleet], public_url: https://fleet1.example.com, seats: 16, surge: auto}
  fleet2:   {address: 10.0.0.12, roles: [fleet], public_url: https://fleet2.example.com, seats: 16, surge: auto}
  in1:      {address: 10.0.0.21, roles: [ingress]}
  sip1:     {address: 10.0.0.31, roles: [sip, dialler]}
services:
  voxbridge: {replicas: 2, env: {PUBLIC_BASE_URL: https://api.example.com}}
  voxcore:   {env: {OBJECT_STORE_URL: "s3://recordings?endpoint=https://s3.example.com"}}
rolling:
  {parallel_hosts: 1, batch: 2, health_timeout: 60, watch: 120, force_after: null, canary: {bot: deploy-check}}
secrets: {source: sops, file: secrets.production.enc.yaml}
hooks: deploy/hooks
keep_images: 5
lock_host: api1
"""


def written(folder: Path, text: str, name: str = "deploy.yml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_inventory_of_the_contract_is_valid_and_its_paths_count_from_its_folder(tmp_path: Path) -> None:
    inventory = load_inventory(written(tmp_path, OF_THE_CONTRACT))
    assert inventory.lock_host == "api1"
    assert inventory.rolling.batch == 2
    assert inventory.rolling.force_after is None
    assert inventory.ssh.known_hosts == tmp_path / "deploy/known_hosts"
    assert inventory.hooks == tmp_path / "deploy/hooks"
    assert inventory.secrets is not None
    assert inventory.secrets.file == tmp_path / "secrets.production.enc.yaml"


def test_the_sample_has_every_key_with_a_comment_and_no_other() -> None:
    """The documentation cannot fall behind the models: `schema` fails on a key without its comment."""
    sample = (checkout() / SAMPLE).read_text()
    shape = schema(sample)
    known = {f"hosts.*.{key}" for key in shape["$defs"]["Host"]["properties"]} | {"project", "rolling.canary.timeout"}
    assert known <= comments(sample).keys()
    assert load_inventory(checkout() / SAMPLE).hosts.keys() == {"api1", "fleet1", "in1", "dialler1"}
    assert (checkout() / SCHEMA).read_text() == schema_text(checkout()), "make docs"


def test_a_key_without_a_comment_in_the_sample_stops_the_schema() -> None:
    sample = (checkout() / SAMPLE).read_text()
    without = sample.replace(
        "  # Seats of a host that are closed at once, at most a fifth of them, at least one.\n", ""
    )
    with pytest.raises(KeyError, match=r"rolling\.batch"):
        schema(without)


def test_the_schema_takes_the_sample_and_refuses_what_the_models_refuse() -> None:
    """An editor that reads it marks the same mistakes."""
    judge = jsonschema_rs.validator_for(json.loads((checkout() / SCHEMA).read_text()))
    sample: dict[str, Any] = YAML(typ="safe").load((checkout() / SAMPLE).read_text())
    judge.validate(sample)
    judge.validate({**sample, "rolling": {"force_after": "2h"}})
    for wrong in ({"hots": {}}, {"rolling": {"batch": 0}}, {"hosts": {}}, {"secrets": {"source": "vault"}}):
        assert not judge.is_valid({**sample, **wrong}), wrong


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lock_host": "api9"}, "lock_host api9 is no host: there are api1"),
        ({"hots": {}}, "hots: Extra inputs are not permitted"),
        ({"rolling": {"force_after": "soon"}}, "rolling.force_after: must be seconds, or a time like 90s, 40m, 2h"),
        ({"rolling": {"batch": 0}}, "rolling.batch: Input should be greater than or equal to 1"),
        ({"secrets": {"source": "sops", "file": None}}, "secrets: source: sops needs file, and no command"),
        ({"secrets": {"source": "command", "file": "x"}}, "source: command needs command"),
        ({"secrets": {"source": "vault"}}, "secrets.source: Input should be"),
        ({"keep_images": 1}, "keep_images: Input should be greater than or equal to 2"),
        ({"env": "production"}, "the environment is named by -e"),
        ({"hosts": {"fleet9": {"address": "10.0.0.5", "roles": ["data"]}}}, "api1 and fleet9 have the same address"),
        ({"hosts": {"fleet9": {"address": "93.184.216.34", "roles": ["data"]}}}, "must be a private address"),
        ({"ssh": {"user": "vox; rm"}}, "ssh.user: String should match"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    document = merged(YAML(typ="safe").load(OF_THE_CONTRACT), change)
    path = written(tmp_path, json.dumps(document))
    with pytest.raises(CommandError) as caught:
        load_inventory(path)
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


def test_who_has_no_inventory_yet_is_told_where_one_begins(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"there is no .*deploy\.yml: .* start one from deploy/examples/deploy\.yml"):
        load_inventory(tmp_path / "deploy.yml")


def test_an_overlay_merges_maps_and_replaces_lists(tmp_path: Path) -> None:
    path = written(tmp_path, OF_THE_CONTRACT)
    over = "hosts: {fleet1: {seats: 4, trusted_nets: [10.1.0.0/24]}}\nrolling: {force_after: 2h}\nregistry: ''\n"
    written(tmp_path, over, "deploy.staging.yml")
    plain, staging = load_inventory(path), load_inventory(path, "staging")
    assert (plain.hosts["fleet1"].seats, staging.hosts["fleet1"].seats) == (16, 4)
    assert staging.hosts["fleet1"].public_url == "https://fleet1.example.com"
    assert staging.rolling.force_after == 7200
    assert staging.rolling.batch == 2
    assert (plain.env, staging.env) == ("development", "staging")
    with pytest.raises(CommandError, match=r"deploy\.live\.yml is not there: no environment live"):
        load_inventory(path, "live")


def test_without_a_word_the_lock_stands_on_the_first_host_of_role_api(tmp_path: Path) -> None:
    """Every operator's machine must agree on one place."""
    text = OF_THE_CONTRACT.replace("lock_host: api1\n", "")
    assert load_inventory(written(tmp_path, text)).lock_host == "api1"
    alone: dict[str, Any] = {
        "image": "x",
        "balancer_image": "y",
        "hosts": {"only": {"address": "10.0.0.9", "roles": ["data"]}},
    }
    assert Inventory.model_validate(alone).lock_host == "only"
