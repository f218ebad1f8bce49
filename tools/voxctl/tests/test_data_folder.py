"""Two stacks on one data folder would corrupt it, and lost secrets would make the database unreadable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from voxctl.output import CommandError
from voxctl.up.data import DataFolder, load_secrets

pytestmark = [pytest.mark.unit]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    data = DataFolder(tmp_path / "data")
    data.prepare()
    return data


def test_a_second_stack_on_the_same_folder_is_refused_with_the_pid_of_the_first(folder: DataFolder) -> None:
    with folder.lock(), pytest.raises(CommandError, match=rf"already running.*pid {os.getpid()}.*VOX_DATA_DIR"):
        folder.lock()


def test_the_folder_is_free_again_when_its_holder_is_gone(folder: DataFolder) -> None:
    script = (
        "import os, sys; from pathlib import Path; from voxctl.up.data import DataFolder\n"
        "lock = DataFolder(Path(sys.argv[1])).lock(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(folder.root)], check=False)
    folder.lock().close()


def test_secrets_are_made_once_and_only_their_owner_can_read_them(folder: DataFolder) -> None:
    first = load_secrets(folder, {})
    assert load_secrets(folder, {}) == first
    assert folder.secrets_file.stat().st_mode & 0o777 == 0o600
    assert len(first["JWT_SECRET"]) >= 32
    Fernet(first["SETTINGS_ENCRYPTION_KEY"])


def test_a_given_secret_wins_and_does_not_replace_the_kept_one(folder: DataFolder) -> None:
    kept = load_secrets(folder, {})
    given = load_secrets(folder, {"VOXCORE_SECRET": "from-the-environment"})
    assert given == kept | {"VOXCORE_SECRET": "from-the-environment"}
    assert load_secrets(folder, {}) == kept


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file is in the way")
    with pytest.raises(CommandError, match="VOX_DATA_DIR"):
        DataFolder(tmp_path / "data").prepare()


def test_a_stack_whose_process_is_gone_counts_as_not_running(folder: DataFolder) -> None:
    folder.write_stack({"pid": os.getpid(), "api_url": "http://127.0.0.1:1/api/v1"})
    assert folder.read_stack() is not None
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder.write_stack({"pid": ended.pid})
    assert folder.read_stack() is None
