"""A variable without an explanation, or a reference that says something else than the code."""

from __future__ import annotations

import importlib.util

import pytest
from voxctl.docs import PACKAGES, pages, settings_classes
from voxkit.settings import VoxSettings

from .sources import ROOT

pytestmark = [pytest.mark.unit]

CLASSES = [VoxSettings, *(cls for package in PACKAGES for cls in settings_classes(package))]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_setting_says_what_it_means(cls: type[VoxSettings]) -> None:
    silent = [name for name, info in cls.model_fields.items() if len((info.description or "").strip()) < 10]
    assert not silent, f"{cls.__name__}: {silent} need a description; it becomes docs/operations/settings.md"


@pytest.mark.parametrize("package", [package for package in PACKAGES if importlib.util.find_spec(package)])
def test_every_package_has_its_settings_class_where_the_reference_looks(package: str) -> None:
    assert settings_classes(package), f"{package}: put its settings class into {package}.settings"


@pytest.mark.parametrize("path", pages(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_generated_file_is_what_the_code_says(path) -> None:
    assert path.is_file(), f"{path.name} is missing: run `make docs` and commit it"
    assert path.read_text() == pages(ROOT)[path], f"{path.name} is stale: run `make docs` and commit it"
