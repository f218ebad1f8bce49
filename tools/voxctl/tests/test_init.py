"""`vox init` makes secrets once: it replaces nothing, and takes over those that open data which is here already."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from voxctl.commands.init import SECRETS, init, write_new
from voxctl.deploy.secrets import check_values, for_host
from voxctl.hosts.inventory import load_inventory
from voxctl.output import CommandError
from voxctl.up.data import DataFolder, load_secrets, read_env_file

pytestmark = [pytest.mark.unit]


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOX_DATA_DIR", str(tmp_path / "data"))


def test_two_files_share_no_secret_and_are_for_their_owner_alone() -> None:
    one, two = Path("one.env"), Path("two.env")
    init(one)
    init(two)
    for name in SECRETS:
        first, second = read_env_file(one)[name], read_env_file(two)[name]
        assert len(first) >= 16
        assert first != second
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_as_it_is() -> None:
    Path(".env").write_text("MINE=1\n")
    with pytest.raises(CommandError, match="is left as it is") as refused:
        init()
    assert refused.value.exit_code == 2
    assert Path(".env").read_text() == "MINE=1\n"
    assert list(Path().glob(".env*")) == [Path(".env")]


def test_secrets_of_the_embedded_stack_are_taken_over(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    data.prepare()
    kept = load_secrets(data, {})
    data.first_admin_file.write_text("the-first-admin\n")
    init()
    written = read_env_file(Path(".env"))
    assert {name: written[name] for name in kept} == kept
    assert written["FIRST_ADMIN_PASSWORD"] == "the-first-admin"


def test_a_half_written_file_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("voxctl.commands.init.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_new(tmp_path / ".env", "A=1\n")
    assert list(tmp_path.iterdir()) == []


def test_hosts_of_an_inventory_get_what_they_need_and_nothing_else(tmp_path: Path) -> None:
    """What `vox secrets push` asks for on each host is there, strong enough for production."""
    Path("deploy.yml").write_text(
        "image: vox/voxcore:2026.02.03-1\nbalancer_image: haproxy:3.0\n"
        "hosts: {all1: {address: 10.0.0.5, roles: [api, data, dialler, check]}}\n"
        "services: {voxbridge: {env: {PUBLIC_BASE_URL: 'https://api.example.com'}}}\n"
    )
    init(Path("secrets.env"), inventory=Path("deploy.yml"))
    written = read_env_file(Path("secrets.env"))
    assert for_host(load_inventory(Path("deploy.yml")), "all1", written) == written
    check_values(written, "production")
    assert stat.S_IMODE(Path("secrets.env").stat().st_mode) == 0o600
    assert 6 <= len(written["MONGO_KEYFILE"]) <= 1024


def test_addresses_of_stores_that_are_not_ours_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    Path("deploy.yml").write_text(
        "image: vox/voxcore:2026.02.03-1\nbalancer_image: haproxy:3.0\n"
        "hosts: {dialler1: {address: 10.0.0.5, roles: [dialler]}}\n"
    )
    init(Path("secrets.env"), inventory=Path("deploy.yml"))
    assert "fill in: MONGODB_URI" in capsys.readouterr().out
    assert set(read_env_file(Path("secrets.env"))) == {"VOXCORE_SECRET"}
