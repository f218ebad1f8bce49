"""The first two commands of the README, and the links of the docs, must lead somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .sources import ROOT, tracked

pytestmark = [pytest.mark.unit]

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PAGES = [path for path in tracked() if path.endswith(".md")]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def targets() -> list[str]:
    return re.findall(r"make ([a-z-]+)", make("help").stdout)


def test_help_is_the_default_and_short() -> None:
    assert make().stdout == make("help").stdout
    assert 5 <= len(targets()) <= 14


def test_every_make_command_of_the_docs_exists() -> None:
    known = set(targets())
    for page in PAGES:
        for block in re.findall(r"```\n(.*?)```|`(make [^`]*)`", (ROOT / page).read_text(), re.DOTALL):
            used = re.findall(r"\bmake ([a-z][a-z-]*)", "".join(block))
            assert set(used) <= known, f"{page}: {sorted(set(used) - known)} is no target"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    lost = [
        target
        for target in LINK.findall((ROOT / page).read_text())
        if not (ROOT / page).parent.joinpath(target).exists()
    ]
    assert not lost, f"{page}: {lost}"


def test_every_page_stands_in_the_index() -> None:
    """Decisions and alert pages have an index of their own: the folder, and the monitoring page."""
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = [path.removeprefix("docs/") for path in tracked() if path.startswith("docs/") and path.endswith(".md")]
    own = ("README.md", "decisions/", "operations/alerts/")
    missing = [page for page in pages if not page.startswith(own) and f"]({page})" not in index]
    assert not missing, f"{missing}: a page that the index does not name is found by nobody; add it to docs/README.md"


def test_a_python_that_does_not_fit_is_refused_with_a_way_out(tmp_path: Path) -> None:
    for file in ("Makefile", "pyproject.toml", "requirements.lock"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    done = subprocess.run(["make", "install", "PYTHON="], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Python 3.11 or 3.12" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_decision_has_its_six_parts_and_fits_on_a_page() -> None:
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        text = path.read_text()
        for part in ("Status:", "**Question.**", "**Decision.**", "**Why.**", "**Price.**", "**Would reopen it.**"):
            assert part in text, f"{path.name}: {part} is missing"
        assert len(text.splitlines()) <= 60, f"{path.name} is longer than a page"
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name), path.name
