"""A wrong setting must stop the start and be named; a development secret must not reach production."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field
from voxkit.errors import ConfigurationError
from voxkit.settings import DEVELOPMENT_SECRET, EMPTY_MEANS_NONE, VoxSettings, reference

pytestmark = [pytest.mark.unit]


class ShopSettings(VoxSettings):
    """What a service's settings look like."""

    model_config = VoxSettings.model_config | {"env_file": None}

    shop_secret: str = Field(description="Shared secret.")
    shop_port: int = Field(default=8000, ge=1, le=65535, description="Port.")
    shop_names: list[str] = Field(default_factory=list, description="JSON list.")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOX_ENV", "LOG_LEVEL", "SHOP_SECRET", "SHOP_PORT", "SHOP_NAMES"):
        monkeypatch.delenv(name, raising=False)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SECRET", "s")
    monkeypatch.setenv("SHOP_PORT", "9000")
    monkeypatch.setenv("SHOP_NAMES", '["a"]')
    monkeypatch.setenv("LOG_LEVEL", "debug")
    settings = ShopSettings.load()
    assert (settings.shop_secret, settings.shop_port, settings.shop_names) == ("s", 9000, ["a"])
    assert settings.log_level == "DEBUG"


def test_an_empty_variable_means_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SECRET", "s")
    monkeypatch.setenv("SHOP_PORT", "")
    assert ShopSettings.load().shop_port == 8000


class Lamp(VoxSettings):
    lamp_url: str = Field("http://localhost:1", description="Lamp; empty: none.", json_schema_extra=EMPTY_MEANS_NONE)


def test_an_empty_variable_switches_off_what_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Lamp.load().lamp_url == "http://localhost:1"
    monkeypatch.setenv("LAMP_URL", "")
    assert Lamp.load().lamp_url == ""
    monkeypatch.setenv("LAMP_URL", "http://lamp:2")
    assert Lamp.load().lamp_url == "http://lamp:2"
    monkeypatch.delenv("LAMP_URL")
    (tmp_path / ".env").write_text("LAMP_URL=\n")
    assert Lamp.load().lamp_url == ""


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SHOP_PORT", "many", "SHOP_PORT: "),
        ("SHOP_PORT", "70000", "SHOP_PORT: "),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: .*WARNING"),
        ("SHOP_NAMES", "a,b", "shop_names.*JSON"),
    ],
)
def test_a_wrong_value_is_one_line_with_the_variables_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv("SHOP_SECRET", "planted-secret")
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=expected) as caught:
        ShopSettings.load()
    assert "\n" not in str(caught.value)
    assert "planted" not in str(caught.value)


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match="SHOP_SECRET"):
        ShopSettings.load()


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PORT", "0")
    with pytest.raises(ConfigurationError, match=r"SHOP_SECRET: .*; SHOP_PORT: "):
        ShopSettings.load()


def test_production_refuses_a_development_secret_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOX_ENV", "production")
    monkeypatch.setenv("SHOP_SECRET", f"new,{DEVELOPMENT_SECRET}")
    with pytest.raises(ConfigurationError, match=r"SHOP_SECRET.*vox init"):
        ShopSettings.load()
    monkeypatch.setenv("VOX_ENV", "development")
    assert not ShopSettings.load().production


def test_the_reference_lists_each_variable_once() -> None:
    rows = reference([ShopSettings, VoxSettings])
    names = [name for name, _, _ in rows]
    assert len(names) == len(set(names))
    assert ("SHOP_SECRET", "(required)", "Shared secret.") in rows
    assert ("SHOP_PORT", "8000", "Port.") in rows
