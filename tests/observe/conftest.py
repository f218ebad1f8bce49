"""promtool: this system's, else Debian's, unpacked once below build/ without being installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def promtool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that Prometheus ships to check rules and configurations."""
    if installed := shutil.which("promtool"):
        return Path(installed)
    program = ROOT / "build" / "promtool"
    if not program.exists():
        folder = tmp_path_factory.mktemp("prometheus")
        # The second try comes after the lists of packages are fetched: a bare machine has none.
        for command in ("download", "update", "download"):
            words = ["apt-get", "-qq", command, *(["prometheus"] if command == "download" else [])]
            subprocess.run(words, cwd=folder, capture_output=True, check=False)
            if packages := list(folder.glob("*.deb")):
                break
        else:
            pytest.fail("no promtool: install Debian's package prometheus")
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(folder / "root")], check=True)
        program.parent.mkdir(exist_ok=True)
        shutil.copy(folder / "root" / "usr" / "bin" / "promtool", program)
    return program
