"""A replica of voxui serves the hashed files of the two former releases, and those that another replica brought."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest
from voxctl.checkout import checkout

pytestmark = [pytest.mark.unit]

VOXUI = checkout() / "deploy" / "images" / "voxui"


class Volume:
    """The folder that all replicas of a host share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = folder / "kept"

    def start(self, release: str, *names: str) -> None:
        """A replica of this release starts, with these files."""
        assets = self.folder / release / "assets"
        assets.mkdir(parents=True, exist_ok=True)
        for name in names:
            (assets / name).write_text(f"{name} of its release")
        subprocess.run(["sh", VOXUI / "keep.sh", assets, self.kept, release], check=True, timeout=10)
        time.sleep(0.02)  # releases are told apart by the time of their list

    @property
    def files(self) -> set[str]:
        return {path.name for path in (self.kept / "assets").iterdir()}


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    return Volume(tmp_path)


def test_files_of_three_releases_stay_and_older_ones_go(volume: Volume) -> None:
    for number in range(1, 5):
        volume.start(f"2026.02.0{number}-1", f"index-{number}aaaaaaa.js", "shared-aaaaaaaa.js")
    assert volume.files == {"index-2aaaaaaa.js", "index-3aaaaaaa.js", "index-4aaaaaaa.js", "shared-aaaaaaaa.js"}


def test_a_replica_of_the_former_release_that_starts_again_takes_nothing_from_the_new_one(volume: Volume) -> None:
    """In the middle of a deploy, and after a rollback."""
    volume.start("1", "index-1aaaaaaa.js")
    volume.start("2", "index-2aaaaaaa.js")
    volume.start("1", "index-1aaaaaaa.js")
    assert volume.files == {"index-1aaaaaaa.js", "index-2aaaaaaa.js"}


def test_replicas_that_start_at_once_leave_whole_files(volume: Volume) -> None:
    names = [f"part-{number:08}.js" for number in range(40)]
    assets = volume.folder / "new" / "assets"
    assets.mkdir(parents=True)
    for name in names:
        (assets / name).write_text("x" * 50_000)
    command = ["sh", str(VOXUI / "keep.sh"), str(assets), str(volume.kept), "new"]
    started = [subprocess.Popen(command) for _ in range(4)]
    assert [each.wait(20) for each in started] == [0] * 4
    assert volume.files == set(names)
    assert {path.stat().st_size for path in (volume.kept / "assets").iterdir()} == {50_000}


def test_a_file_that_is_not_there_is_asked_for_again() -> None:
    """A year of `immutable` on a 404 would outlive the deploy that caused it: the status is part of the rule."""
    config = (VOXUI / "nginx.conf").read_text()
    rule = re.search(r'map "\$status \$uri" \$cached \{\s+"~(\S.*)" "public', config)
    assert rule
    assert re.search(rule[1], "200 /assets/index-BxYz0123.js")
    assert not re.search(rule[1], "404 /assets/index-BxYz0123.js")
    assert "try_files $uri @kept;" in config
