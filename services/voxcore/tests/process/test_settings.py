"""A name that the registry refuses would leave a worker running that nobody can reserve; it is refused at start."""

from collections.abc import Callable

import pytest
from voxcore.settings import VoxcoreSettings
from voxkit.errors import ConfigurationError

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("voxcore_host_id", "Fleet 1"),
        ("voxcore_host_id", "f" * 49),
        ("voxcore_pool", "Default"),
        ("deployment_name", "main/eu"),
        ("vox_image_tag", "registry/vox:1"),
        ("registry_url", "localhost:8070"),
    ],
)
def test_a_name_that_the_registry_would_refuse_is_refused_with_its_variable(
    field: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOXBRIDGE_CONFIG_URL", "http://localhost/api/v1/config")
    monkeypatch.setenv("VOXCORE_SECRET", "secret")
    monkeypatch.setenv(field.upper(), value)
    with pytest.raises(ConfigurationError, match=field.upper()):
        VoxcoreSettings.load(_env_file=None)


def test_with_a_port_that_the_system_chose_the_registry_hears_the_real_one(settings_for: Callable) -> None:
    told = settings_for(voxcore_port=0, voxcore_public_url="https://fleet1.example.com").on_port(8123)
    assert (told.voxcore_port, told.voxcore_direct_url) == (8123, "http://localhost:8123")
    assert told.voxcore_public_url == "https://fleet1.example.com"
