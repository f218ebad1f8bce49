"""Which packages of `requirements.lock` an image holds: what its own packages need, and nothing else."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

IMAGES = Path("deploy") / "images"
# What installs our own packages in the build stage; of other images the folder's name is the package's.
ROOTS = {"python": ("hatchling", "editables"), "standin-mongo": ("secantusdb",), "standin-s3": ("nanio",)}
# Only num2words' command line imports it, and it comes as no wheel: it would have to be built in the image.
LEFT_OUT = frozenset({"docopt"})
# Bases differ in the last number of their Python: an image takes what the oldest needs, as the lock does.
OLDEST_PYTHON = {"python_version": "3.11", "python_full_version": "3.11.0"}
HEADER = "# What this image takes from requirements.lock; written by `make docs`."


def package_lists(root: Path) -> dict[Path, str]:
    """`packages.txt` of each Python image whose packages are there: path -> content."""
    own = _own_packages(root)
    lists: dict[Path, str] = {}
    for folder in sorted(path for path in (root / IMAGES).iterdir() if path.is_dir()):
        names = ROOTS.get(folder.name) or ((folder.name,) if folder.name in own else ())
        if names:
            lists[folder / "packages.txt"] = "\n".join([HEADER, *closure(names, own)]) + "\n"
    return lists


def closure(names: tuple[str, ...], own: frozenset[str]) -> list[str]:
    """Names of everything that distributions need in an image, themselves included, without `own` and LEFT_OUT.

    Read from what is installed here, so no package index is asked. Raises: PackageNotFoundError.
    """
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for extra in ("", *wanted.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            found.add(name)
            for line in distribution(name).requires or ():
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": extra, **OLDEST_PYTHON}):
                    waiting.append(needed)
    return sorted(found - own - LEFT_OUT)


def _own_packages(root: Path) -> frozenset[str]:
    """Our packages that are installed here; one that is not built yet has no image yet."""
    names = set()
    for project in root.glob("*/*/pyproject.toml"):
        name = canonicalize_name(tomllib.loads(project.read_text())["project"]["name"])
        try:
            distribution(name)
        except PackageNotFoundError:
            continue
        names.add(name)
    return frozenset(names)
