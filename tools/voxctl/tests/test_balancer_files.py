"""Balancer configurations: what a template may hold, and what an operator's ingress.yml may say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from voxctl import audit
from voxctl.balancer.ingress import Ingress
from voxctl.balancer.render import is_untouched, marked, render_balancer
from voxctl.checkout import checkout
from voxctl.output import CommandError
from voxctl.yamlfile import parse, read_yaml

pytestmark = [pytest.mark.unit]

GOOD = """brands:
- name: main
  hosts: [calls.example.com]
  cert: main.pem
  fleets: [{id: fleet1, url: https://fleet1.example.com, seats: 16}]
- name: other
  hosts: [voice.example.com]
  cert: other.pem
  fleets: [{id: fleet3, url: https://fleet3.example.com:8443, seats: 24}]
"""


def ingress(tmp_path: Path, text: str) -> Ingress:
    path = tmp_path / "ingress.yml"
    path.write_text(text)
    return parse(Ingress, read_yaml(path), path)


def test_each_brand_has_its_own_back_and_proves_the_name_of_each_fleet(tmp_path: Path) -> None:
    """G1, G2, G3."""
    config = render_balancer(ingress(tmp_path, GOOD).balancer)
    assert "server fleet1 fleet1.example.com:443 maxconn 16 check" in config
    assert "server fleet3 fleet3.example.com:8443 maxconn 24 check" in config
    assert "verify required ca-file @system-ca sni str(fleet3.example.com) verifyhost fleet3.example.com" in config
    assert "crt /etc/vox/tls/main.pem crt /etc/vox/tls/other.pem" in config
    assert r'http-check expect rstring "\"fleet_available\":[1-9][0-9]*[,}]"' in config


def test_the_hash_finds_any_change_by_hand(tmp_path: Path) -> None:
    """G9."""
    text = render_balancer(ingress(tmp_path, GOOD).balancer)
    assert is_untouched(text)
    assert not is_untouched(text.replace("maxconn 16", "maxconn 17"))
    assert not is_untouched("global\n")
    assert is_untouched(marked("global\n"))


@pytest.mark.parametrize("template", ["fleet.cfg.j2", "ingress.cfg.j2", "common.j2"])
def test_a_template_never_cuts_or_doubles_a_call(template: str) -> None:
    """L6, L9, L11, L12: each of these words once ended or doubled calls in a trial."""
    lines = (checkout() / "deploy" / "haproxy" / template).read_text().splitlines()
    settings = "\n".join(line for line in lines if not line.strip().startswith(("#", "{#")))
    for word in (
        "empty-response",
        "all-retryable-errors",
        "response-timeout",
        "on-marked-down",
        "hard-stop-after",
        "maxconn 0",
    ):
        assert word not in settings, word


def test_texts_with_arguments_stand_in_no_defaults_section() -> None:
    """L19."""
    text = (checkout() / "deploy" / "haproxy" / "common.j2").read_text()
    defaults = re.search(r"macro defaults\(\).*?endmacro", text, re.DOTALL)
    assert defaults
    assert not re.search(r"^\s*http-error.*(lf-string|%\[)", defaults[0], re.MULTILINE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: other", "name: main"), "brand main stands there twice"),
        (("voice.example.com", "calls.example.com"), "host calls.example.com stands there twice"),
        (("  cert: other.pem\n", ""), "either every brand has a cert, or none"),
        (("cert: main.pem", "cert: ../main.pem"), r"brands.0.cert"),
        (("https://fleet1.example.com", "fleet1.example.com"), "must look like https://fleet1.example.com"),
        (("https://fleet1.example.com", "https://fleet1.example.com/x y"), "without a path"),
        (("seats: 16", "seats: 0"), "brands.0.fleets.0.seats"),
        (("id: fleet1", "id: 'fleet1 weight 0'"), "brands.0.fleets.0.id"),
        (("hosts: [calls.example.com]", "hosts: ['a b']"), "no host name"),
        (("name: main", "nane: main"), "nane"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    """Nothing of an operator's text reaches the configuration unjudged."""
    assert change[0] in GOOD
    with pytest.raises(CommandError, match=said):
        ingress(tmp_path, GOOD.replace(*change))


def test_an_audit_line_that_was_changed_or_taken_out_is_found(tmp_path: Path) -> None:
    """K3."""
    path = tmp_path / "audit.jsonl"
    for number in range(4):
        audit.record(path, "ingress.render", result="done", number=number)
    assert audit.broken_at(path) is None
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1].replace('"number": 1', '"number": 7'), *lines[2:]]))
    assert audit.broken_at(path) == 3
    path.write_text("".join([lines[0], *lines[2:]]))
    assert audit.broken_at(path) == 2
