"""The registry's Lua with something changed in it, and tests run on that copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "services/voxregistry"
FUNCTIONS = sorted((SERVICE / "src/voxregistry/functions").glob("*.lua"))
# Tests that ask the store or a registry in their own process; first those that find most.
TESTS = (
    "test_tables", "test_reservations", "test_worker_words", "test_quotas", "test_queue", "test_placement_and_drains",
    "test_check", "test_corners", "test_api_reservations", "test_api_operators", "test_api_limits",
)  # fmt: skip

# Tests of the text itself: they would find every change, and say nothing about what it does.
OF_THE_TEXT = "not changed_library_has_a_new_version and not a_fault_in_the_library"

WORD = re.compile(r"--[^\n]*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[A-Za-z_]\w*|\d+|[=~<>]=|\.\.+|\S")


def words(lua: str) -> Iterator[re.Match[str]]:
    """The words of a Lua text with their places; comments and strings are left out."""
    return (match for match in WORD.finditer(lua) if match[0][0] not in "'\"" and not match[0].startswith("--"))


def copy_with(folder: Path, changed: dict[str, str]) -> Path:
    """The package with other texts in place of some of its Lua files; goes into PYTHONPATH."""
    source = folder / "src"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(SERVICE / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    for name, lua in changed.items():
        (source / "voxregistry/functions" / name).write_text(lua, "utf-8")
    return source


def run_tests(source: Path, folder: Path, names: Sequence[str], *, seconds: float = 900) -> bool:
    """Whether these tests pass on the copy; `folder` gets whatever they write."""
    paths = [str(SERVICE / "tests" / f"{name}.py") for name in names]
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-k",
        OF_THE_TEXT,
        f"--basetemp={folder}",
    ]
    try:
        done = subprocess.run(
            [*argv, *paths], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the tests did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0
