"""Files that grew into two ideas, and traces of one machine or one network in what everybody gets."""

from __future__ import annotations

import re

import pytest

from .sources import PACKAGE_FOLDERS, ROOT, python_files, tracked

pytestmark = [pytest.mark.unit]

LONGEST = 400
# Path -> why this one file is better long. A reason, not a wish.
LONG_FOR_A_REASON: dict[str, str] = {}

# Written in pieces, so that this file does not break its own rule.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(host)
        for host in (
            "pypi" + ".org",
            "files." + "pythonhosted.org",
            "registry." + "npmjs.org",
            "registry." + "yarnpkg.com",
            "proxy." + "golang.org",
            "static." + "crates.io",
            "index." + "crates.io",
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.])(/" + r"work/(main|shared)|/" + r"tmp/vox\b|/" + r"root/|/" + r"home/[a-z]+/)")
SECRET_VALUES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----|\bAKIA[0-9A-Z]{16}\b|\bsk-[A-Za-z0-9]{32,}\b|\bghp_[A-Za-z0-9]{36}\b"
)
TEXT = [path for path in tracked() if not re.search(r"\.(png|ico|wav|woff2?|gz|zip|onnx|bin)$", path)]


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("path", [path for path in python_files() if path.startswith(PACKAGE_FOLDERS)])
def test_a_file_is_one_idea(path: str) -> None:
    lines = len(text_of(path).splitlines())
    if path in LONG_FOR_A_REASON:
        assert lines > LONGEST, f"{path} has {lines} lines: take it off the list in {__file__}"
        return
    assert lines <= LONGEST, f"{path} has {lines} lines, over {LONGEST}: split it at its second idea"


def test_no_file_names_a_package_registry() -> None:
    found = [path for path in TEXT if REGISTRY_HOSTS.search(text_of(path))]
    assert not found, f"{found}: a host name of a package registry; networks differ, the lock must not"


def test_no_file_holds_a_path_of_one_machine() -> None:
    found = {path: match.group() for path in TEXT if (match := MACHINE_PATHS.search(text_of(path)))}
    assert not found, f"{found}: write the path relative to the checkout, or read it from a setting"


def test_no_file_holds_a_secret() -> None:
    found = [path for path in TEXT if SECRET_VALUES.search(text_of(path))]
    assert not found, f"{found}: looks like a real key; take it out and revoke it"


def test_no_large_file_is_tracked() -> None:
    found = {path: size for path in tracked() if (size := (ROOT / path).stat().st_size) > 2_000_000}
    assert not found, f"{found}: models and recordings come from packages or stay out"


def test_the_lock_pins_every_package_by_hash() -> None:
    lock = text_of("requirements.lock")
    entries = re.split(r"\n(?=[a-zA-Z0-9])", lock.strip())
    without = [entry.split()[0] for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry]
    assert not without, f"{without}: run `make lock`"


# A rule switched off for one line, and what is said after it.
SWITCHED_OFF = re.compile(r"#\s*(?:noqa|(?:type|pyright):\s*ignore)\b(?P<rule>[:\[][\w\s:,-]*\]?)?(?P<reason>.*)")


@pytest.mark.parametrize("path", python_files())
def test_whoever_switches_a_rule_off_names_it_and_says_why(path: str) -> None:
    found = [
        line.strip()
        for line in text_of(path).splitlines()
        if (match := SWITCHED_OFF.search(line)) and not (match["rule"] and re.search(r"\w", match["reason"]))
    ]
    assert not found, f"{path}: name the rule and give the reason in the same line, or find a better shape: {found}"


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X"])
def test_nothing_is_left_for_later_in_the_code(word: str) -> None:
    pattern = re.compile(rf"#.*\b{word}\b")
    found = [path for path in python_files() if pattern.search(text_of(path))]
    assert not found, f"{found}: do it now, or say in docs/ what is not there"
