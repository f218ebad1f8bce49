"""The console's client is made from the description of the API: an old one would type what voxbridge no longer says."""

from __future__ import annotations

import runpy

import pytest

from .sources import ROOT

pytestmark = [pytest.mark.unit]


def test_the_console_knows_the_api_of_today() -> None:
    script = runpy.run_path(str(ROOT / "services/voxui/scripts/openapi.py"))
    assert script["text"]() == script["TARGET"].read_text(encoding="utf-8"), (
        "services/voxui/openapi.json is old: .venv/bin/python services/voxui/scripts/openapi.py, "
        "then `npm run gen` in services/voxui"
    )
