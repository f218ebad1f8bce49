"""Servers that no distribution packs, as programs that Go builds from their modules."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

BUILT_WITHIN_S = 3600.0


def go_programs(kind: str, modules: Mapping[str, str]) -> dict[str, Path]:
    """Program -> its file, for each of `modules` (program -> package of Go with its version).

    Taken from the folder in `VOX_<KIND>`, from `~/.cache/vox/<kind>`, or the PATH; `VOX_BUILD_<KIND>=1` lets Go build
    them into that cache, once. Skips the test when they are not at hand.
    """
    kept = Path.home() / ".cache" / "vox" / kind
    for folder in (os.environ.get(f"VOX_{kind.upper()}"), str(kept)):
        if folder and all((Path(folder) / name).is_file() for name in modules):
            return {name: Path(folder) / name for name in modules}
    found = {name: shutil.which(name) for name in modules}
    if all(found.values()):
        return {name: Path(str(path)) for name, path in found.items()}
    build = f"VOX_BUILD_{kind.upper()}"
    if os.environ.get(build) != "1" or not shutil.which("go"):
        pytest.skip(f"{', '.join(modules)} not at hand; {build}=1 builds what is missing when Go is installed")
    for name, module in modules.items():
        environment = {**os.environ, "GOBIN": str(kept)}
        subprocess.run(["go", "install", module], env=environment, check=True, timeout=BUILT_WITHIN_S)
        # Go names a program by the last folder of its package.
        (kept / module.partition("@")[0].rpartition("/")[2]).rename(kept / name)
    return {name: kept / name for name in modules}
