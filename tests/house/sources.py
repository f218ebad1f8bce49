"""What the rules of the house look at: tracked files and the imports of a module."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_FOLDERS = ("libs", "services", "tools")


@cache
def tracked() -> tuple[str, ...]:
    """Paths of all tracked files that are on disk, relative to the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


def python_files() -> list[str]:
    return [path for path in tracked() if path.endswith(".py")]


def sources(service: str, *names: str) -> list[str]:
    """Python files of one service, all of them or those with one of the names."""
    prefix = f"services/{service}/src/"
    return [path for path in python_files() if path.startswith(prefix) and (not names or Path(path).name in names)]


@cache
def imports_of(path: str) -> frozenset[str]:
    """Top-level names of everything a file imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"), path)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return frozenset(found)
