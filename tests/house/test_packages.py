"""A package that imports what it does not declare works here and breaks in its own image."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .sources import ROOT, imports_of, python_files, tracked

pytestmark = [pytest.mark.unit]

PROJECTS = [path for path in tracked() if path.endswith("/pyproject.toml")]
PROVIDERS = packages_distributions()


# Comes with another package: FastAPI re-exports Starlette, Pipecat hands out its logger and its providers' types.
COMES_WITH = {"fastapi": {"starlette"}, "pipecat-ai": {"loguru", "google-genai"}}


def declared(project: str) -> set[str]:
    """What a package may import: its dependencies, and those of the workspace packages among them."""
    table = tomllib.loads((ROOT / project).read_text())["project"]
    extras = table.get("optional-dependencies", {}).values()
    names = {canonicalize_name(Requirement(item).name) for group in (table["dependencies"], *extras) for item in group}
    for name in list(names):
        names |= COMES_WITH.get(name, set())
        for own in (path for path in PROJECTS if Path(path).parent.name == name):
            names |= declared(own)
    return names


@pytest.mark.parametrize("project", PROJECTS)
def test_a_package_declares_what_it_imports(project: str) -> None:
    folder = Path(project).parent
    own = folder.name
    wanted: dict[str, str] = {}
    for path in python_files():
        if path.startswith(f"{folder}/src/"):
            wanted.update(dict.fromkeys(imports_of(path) - sys.stdlib_module_names - {own}, path))
    allowed = declared(project)
    missing = {
        name: path
        for name, path in wanted.items()
        if name in PROVIDERS and not {canonicalize_name(dist) for dist in PROVIDERS[name]} & allowed
    }
    assert not missing, f"{project}: declare what is imported (package: a file that imports it): {missing}"
