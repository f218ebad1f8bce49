"""`vox release`: notes out of commits, the next tag, and git's tag only when everything before it went well."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from typing import Any

import pytest
from voxctl.checkout import checkout
from voxctl.commands import images as image_commands
from voxctl.commands import release as command
from voxctl.deploy.hooks import HookFailed
from voxctl.images.build import images, release
from voxctl.images.facts import RELEASED
from voxctl.images.notes import last_before, released
from voxctl.output import CommandError, Output
from voxctl.settings import ImageSettings

pytestmark = [pytest.mark.unit]

TODAY = f"{datetime.datetime.now(datetime.UTC):%Y.%m.%d}"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one commit; nothing is built, what would be is noted in `done` of the steps below."""
    monkeypatch.chdir(tmp_path)
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "Test")
        monkeypatch.setenv(f"{name}_EMAIL", "test@example.com")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "The first word")
    monkeypatch.setattr(command, "checkout", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done after the tests, in order."""
    done: list[str] = []

    async def there(settings: Any) -> list[str]:
        return [f"{TODAY}-3"]

    async def pushed(output: Any, settings: Any, tag: str) -> None:
        done.append(f"push {tag}")

    monkeypatch.setattr(command, "_tags_there", there)
    monkeypatch.setattr(command, "require_engine", lambda: None)
    monkeypatch.setattr(command, "build_release", lambda output, settings, tag, **_: done.append(f"build {tag}"))
    monkeypatch.setattr(command, "pushed", pushed)
    monkeypatch.setenv("VOX_REGISTRY", "registry.example.com")
    return done


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, subject: str) -> None:
    (root / "file").write_text(subject)
    git(root, "add", "file")
    git(root, "commit", "--quiet", "--message", subject)


def test_a_release_is_tested_built_pushed_and_then_named(tree: Path, steps: list[str]) -> None:
    assert command.release(tests="test -f file") == 0
    tag = f"{TODAY}-4"
    assert steps == [f"build {tag}", f"push {tag}"]
    assert released(tree) == [tag]
    assert "- The first word (" in git(tree, "tag", "--list", "--format=%(contents)", f"v{tag}")


def test_notes_begin_after_the_release_that_this_commit_has_grown_out_of(
    tree: Path, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    git(tree, "tag", "v2026.02.03-1")
    commit(tree, "Seats: # is no comment, [bold] is no colour")
    assert last_before(tree) == "2026.02.03-1"
    command.release(dry_run=True)
    said = capsys.readouterr().out
    assert "Since 2026.02.03-1, 1 commits" in said
    assert "Seats: # is no comment, [bold] is no colour" in said
    assert "The first word" not in said
    assert steps == []


def test_a_tree_with_changes_is_no_release(tree: Path, steps: list[str]) -> None:
    (tree / "file").write_text("not committed")
    with pytest.raises(CommandError, match="changes that no commit has"):
        command.release()
    with pytest.raises(CommandError, match=r"would hold changes .* or build dev-[0-9a-f]{12}-dirty"):
        release(tree, "2026.02.05-2")
    assert release(tree, "dev").revision.endswith("-dirty")
    assert steps == []


def test_tests_that_fail_end_it(tree: Path, steps: list[str]) -> None:
    with pytest.raises(CommandError, match="no release: `exit 3` ended with 3"):
        command.release(tests="exit 3")
    assert steps == []
    assert released(tree) == []


def test_a_push_that_fails_leaves_no_tag_in_git(tree: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(output: Any, settings: Any, tag: str) -> None:
        raise CommandError("the registry is away")

    monkeypatch.setattr(command, "pushed", refused)
    with pytest.raises(CommandError, match="is away"):
        command.release(tests="true")
    assert released(tree) == []


@pytest.mark.parametrize(("tag", "says"), [(f"{TODAY}-3", f"is taken.*{TODAY}-4"), ("v1.2", "no tag of a release")])
def test_a_tag_that_is_taken_or_none_is_refused(tree: Path, steps: list[str], tag: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        command.release(tag)


@pytest.mark.parametrize("code", [0, 1])
def test_hooks_of_a_build_are_run_around_it_and_one_that_says_no_keeps_it_from_beginning(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hooks").mkdir()
    for name, ends in (("pre-build", code), ("post-build", 0)):
        hook = tmp_path / "hooks" / name
        hook.write_text(f'#!/bin/sh\necho "{name} $VOX_TAG $VOX_ENV" >>"{tmp_path}/said"\nexit {ends}\n')
        hook.chmod(0o755)
    (tmp_path / "deploy.staging.yml").write_text("hooks: hooks\n")
    (tmp_path / "deploy.yml").write_text(
        "image: vox/voxcore:dev\nbalancer_image: haproxy\nhosts: {a: {address: 10.0.0.1, roles: [ingress]}}\n"
    )
    monkeypatch.chdir(tmp_path)
    for name in ("require_engine", "release", "all_images", "checkout"):
        monkeypatch.setattr(image_commands, name, lambda *_, **__: [])

    def built(*_: Any, **__: Any) -> list[Any]:
        with (tmp_path / "said").open("a") as said:
            said.write("built\n")
        return []

    monkeypatch.setattr(image_commands, "build_images", built)
    output = Output(as_json=True)
    hooks = image_commands.build_hooks(Path("deploy.yml"), "staging", output)
    lines = ["pre-build 2026.02.05-1 staging"]
    if code:
        with pytest.raises(HookFailed, match="hook pre-build ended with 1"):
            image_commands.build_release(output, ImageSettings.load(), "2026.02.05-1", hooks=hooks)
    else:
        image_commands.build_release(output, ImageSettings.load(), "2026.02.05-1", hooks=hooks)
        lines += ["built", "post-build 2026.02.05-1 staging"]
    assert (tmp_path / "said").read_text().splitlines() == lines


def test_the_images_of_a_release_are_those_that_can_be_built() -> None:
    assert {image.name for image in images(checkout(), standins=False)} == set(RELEASED)
