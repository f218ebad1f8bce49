"""A base that compose.yaml does not pass on: whoever sets another one in `.env` builds on the default all the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from .sources import ROOT

pytestmark = [pytest.mark.unit]

SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]
BUILT = {name: service["build"] for name, service in SERVICES.items() if "build" in service}


@pytest.mark.parametrize("name", sorted(BUILT))
def test_a_service_s_build_is_given_every_base_with_its_dockerfile_s_default(name: str) -> None:
    dockerfile = (ROOT / BUILT[name]["dockerfile"]).read_text()
    wanted = {
        base: f"${{{base}:-{default}}}" for base, default in re.findall(r"^ARG (BASE_\w+)=(\S+)$", dockerfile, re.M)
    }
    assert wanted
    assert {base: BUILT[name]["args"].get(base) for base in wanted} == wanted
