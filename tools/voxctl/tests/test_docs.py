"""A reference of settings that misses a variable or shows the wrong default is worse than none."""

from __future__ import annotations

import pytest
from pydantic import AliasChoices, Field
from voxctl.docs import env_example, settings_page, variable_name, variables_of
from voxkit.settings import VoxSettings

pytestmark = [pytest.mark.unit]


class Example(VoxSettings):
    plain: str = Field("", description="A plain one.")
    port: int = Field(8060, validation_alias=AliasChoices("VOXVOICE_PORT", "PORT"), description="With two names.")


def test_a_variable_has_the_name_that_wins() -> None:
    assert variable_name("plain", Example.model_fields["plain"]) == "PLAIN"
    assert variable_name("port", Example.model_fields["port"]) == "VOXVOICE_PORT"


def test_the_page_has_a_section_for_every_built_service() -> None:
    page = settings_page()
    for package in ("voxbridge", "voxcore", "voxvoice", "voxphone", "voxctl"):
        assert f"## {package}\n" in page
        for variable in variables_of(package):
            assert f"| `{variable.name}` |" in page


def test_the_example_holds_each_variable_once_and_only_development_values_are_set() -> None:
    lines = [line for line in env_example().splitlines() if "=" in line and not line.startswith("# ")]
    names = [line.lstrip("#").partition("=")[0] for line in lines]
    assert len(names) == len(set(names))
    assert {line.partition("=")[0] for line in lines if not line.startswith("#")} == {
        "VOXCORE_SECRET",
        "JWT_SECRET",
        "SETTINGS_ENCRYPTION_KEY",
        "FIRST_ADMIN_EMAIL",
        "COMPOSE_PROFILES",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
        "VOXPHONE_API_TOKEN",
    }
