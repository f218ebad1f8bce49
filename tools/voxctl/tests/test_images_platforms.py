"""`vox images build --platform`: what cannot be built is said before anything is begun, with the way out."""

from __future__ import annotations

from typing import Any

import pytest
from voxctl.images.platforms import unfit

pytestmark = [pytest.mark.unit]

HERE, THERE = "linux/amd64", "linux/arm64"
ANY, OURS, THEIRS = (
    "httpx-0.28.1-py3-none-any.whl",
    "numpy-2.2.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "numpy-2.2.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
)


def why(platform: str, **more: Any) -> str:
    told = {"own": HERE, "built": (), "wheels": (ANY, OURS), "standins": False}
    return unfit(platform, **(told | more))


def test_the_engines_own_platform_needs_nothing() -> None:
    assert why(HERE, standins=True) == ""


@pytest.mark.parametrize("platform", ["arm64", "linux/arm/v7", "windows/amd64", "--privileged"])
def test_a_platform_that_no_image_is_made_for_is_named(platform: str) -> None:
    assert why(platform) == f"--platform {platform} is none of linux/amd64, linux/arm64"


def test_an_engine_that_builds_for_itself_alone_says_so_and_how_another_one_does_it() -> None:
    said = why(THERE)
    assert "this engine builds for linux/amd64, not for linux/arm64" in said
    assert "DOCKER_HOST" in said
    assert "docker-buildx" in said


def test_stand_in_bases_are_of_this_machine() -> None:
    assert "VOX_STANDINS" in why(THERE, built=(HERE, THERE), standins=True)


def test_wheels_of_another_processor_are_found_before_the_build_fails_on_them() -> None:
    assert OURS in why(THERE, built=(HERE, THERE))
    assert why(THERE, built=(HERE, THERE), wheels=(ANY, THEIRS)) == ""
    assert why(THERE, built=(HERE, THERE), wheels=()) == ""
