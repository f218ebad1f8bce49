"""A rule of the console that no test names would be forgotten with the next change of its screen."""

from __future__ import annotations

import re

import pytest

from .sources import ROOT

pytestmark = [pytest.mark.unit]

PAGE = ROOT / "docs/console/rules.md"
ROW = re.compile(r"^\| ([A-Z]\d(?:, [A-Z]\d)*) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
FAMILIES = {"A": 6, "B": 4, "F": 5, "G": 3, "T": 4, "U": 9}
NOT_BUILT = {"T4"}


def rows() -> list[tuple[list[str], list[str]]]:
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [(rules.split(", "), re.findall(r"`([^`]+)`", files)) for rules, files in found]


def test_the_page_has_every_rule() -> None:
    every = {f"{family}{number}" for family, last in FAMILIES.items() for number in range(1, last + 1)}
    assert {rule for rules, _ in rows() for rule in rules} == every - NOT_BUILT


@pytest.mark.parametrize(("rules", "files"), rows(), ids=lambda value: ",".join(value))
def test_a_rule_is_named_where_it_is_tested(rules: list[str], files: list[str]) -> None:
    assert files
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    for file, text in texts.items():
        assert any(re.search(rf"\b{rule}\b", text) for rule in rules), f"{file} names none of {rules}"
    for rule in rules:
        assert any(re.search(rf"\b{rule}\b", text) for text in texts.values()), f"no file names {rule}"
