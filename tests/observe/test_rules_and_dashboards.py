"""Alerts and dashboards: a name that no service exports would stay silent for ever, so every name is looked up."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import voxcore.metrics
import voxregistry.metrics
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML
from voxbridge.metrics import Metrics as BridgeMetrics
from voxctl.checkout import checkout
from voxdialler.metrics import Metrics as DiallerMetrics
from voxregistry.metrics import Metrics as RegistryMetrics

ROOT = checkout()
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = YAML(typ="safe").load(PROMETHEUS / "rules.yml")
RULE_TESTS = ("rules.test.yml", "rules.hours.test.yml")
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
DASHBOARDS = sorted((ROOT / "deploy" / "grafana").glob("*.json"))
# What official exporters give, as far as it is used here: Prometheus itself, node_exporter, HAProxy 3.0.
FOREIGN = {
    "up",
    "node_cpu_seconds_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_timex_offset_seconds",
    "haproxy_backend_http_responses_total",
    "haproxy_backend_current_sessions",
    "haproxy_backend_retry_warnings_total",
}
WORDS = {
    "sum",
    "max",
    "min",
    "avg",
    "count",
    "rate",
    "increase",
    "changes",
    "abs",
    "histogram_quantile",
    "and",
    "or",
    "le",
    "time",
}


def exported() -> set[str]:
    """Every name on the pages of our services, and those that `vox` writes for the node exporter."""
    bridge, dialler = CollectorRegistry(), CollectorRegistry()
    BridgeMetrics(bridge)
    DiallerMetrics(dialler)
    names = {f"voxregistry_{name}" for name, *_ in voxregistry.metrics.GAUGES} | {"voxregistry_quota_limit"}
    written = (ROOT / "tools" / "voxctl" / "src" / "voxctl" / "commands" / "backup.py").read_text()
    names |= set(re.findall(r'write_metric\(metrics, "(\w+)"', written))
    for registry in (voxcore.metrics.registry, RegistryMetrics().registry, bridge, dialler):
        for family in registry.collect():
            suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
            names |= {f"{family.name}{suffix}" for suffix in suffixes}
    return names


def names_in(expression: str) -> set[str]:
    """Metric names of an expression: what is left without strings, label lists, windows and words of the language."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", expression)
    bare = re.sub(r"\b(by|without|on)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"[A-Za-z_:][A-Za-z0-9_:]*", bare)) - WORDS


def dashboard_expressions() -> list[tuple[str, str]]:
    return [
        (f"{path.name}: {panel['title']}", target["expr"])
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    ]


EXPRESSIONS = [(rule["alert"], rule["expr"]) for rule in ALERTS] + dashboard_expressions()


@pytest.mark.unit
@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_every_metric_that_is_named_is_exported(where: str, expression: str) -> None:
    """A8, section 19."""
    used = names_in(expression)
    assert used, f"{where} names no metric"
    assert not used - exported() - FOREIGN, f"{where}: nobody exports {sorted(used - exported() - FOREIGN)}"


@pytest.mark.unit
def test_the_names_of_an_expression_are_found() -> None:
    """Else the test above could not fail."""
    assert names_in('sum by (le) (rate(a_total{b="c"}[5m])) / max(d) and e > 1') == {"a_total", "d", "e"}


@pytest.mark.unit
@pytest.mark.parametrize("alert", [rule["alert"] for rule in ALERTS])
def test_every_alert_has_a_page_with_commands(alert: str) -> None:
    """Section 20: what it means, what the caller hears, the first three commands."""
    page = ROOT / "docs" / "operations" / "alerts" / f"{alert}.md"
    assert page.exists(), f"write {page}"
    text = page.read_text()
    assert "**It means.**" in text
    assert "**The caller**" in text
    assert len(re.findall(r"^\d\. ", text, re.MULTILINE)) == 3, f"{page}: three first commands"


@pytest.mark.unit
@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_has_its_own_name_and_whole_panels(path: Path) -> None:
    """What Grafana's provisioning refuses or shows empty."""
    board: dict[str, Any] = json.loads(path.read_text())
    assert board["uid"] == f"vox-{path.stem}"
    assert [variable["name"] for variable in board["templating"]["list"]] == ["source"]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in board["panels"]:
        assert panel["title"]
        assert panel["datasource"]["uid"] == "${source}"
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert (place["x"], place["y"]) not in taken
        taken.add((place["x"], place["y"]))


@pytest.mark.unit
def test_each_alert_is_tested_to_fire_and_to_stay_calm() -> None:
    """Section 20; promtool runs them below."""
    names = {test["name"] for file in RULE_TESTS for test in YAML(typ="safe").load(PROMETHEUS / file)["tests"]}
    assert names == {f"{rule['alert']} {what}" for rule in ALERTS for what in ("fires", "stays calm")}


@pytest.mark.integration
def test_prometheus_takes_the_rules_and_they_fire_when_they_should(promtool: Path) -> None:
    """Section 20."""
    for words in (["check", "rules", "rules.yml"], ["test", "rules", *RULE_TESTS]):
        done = subprocess.run([promtool, *words], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.integration
def test_prometheus_takes_the_scrape_configuration(promtool: Path) -> None:
    """Section 19. Files that only a host has are not looked for."""
    command = [promtool, "check", "config", "--syntax-only", "prometheus.yml"]
    done = subprocess.run(command, cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.integration
@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_prometheus_can_read_each_expression(where: str, expression: str, promtool: Path, tmp_path: Path) -> None:
    """Dashboards have no checker of their own, so each expression is read as a rule."""
    rules = tmp_path / "rules.yml"
    YAML().dump({"groups": [{"name": "x", "rules": [{"record": "x", "expr": expression}]}]}, rules)
    done = subprocess.run([promtool, "check", "rules", str(rules)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{where}: {done.stdout}{done.stderr}"
