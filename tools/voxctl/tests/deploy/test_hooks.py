"""The operator's own programs: told what goes on, stopped after their time, and heard when they say no."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from voxctl.deploy.hooks import FolderHooks, HookFailed
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]


def hook(folder: Path, name: str, script: str, mode: int = 0o755) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(mode)


async def test_a_hook_is_told_where_and_what(tmp_path: Path) -> None:
    """S4: all seven variables."""
    wanted = "$VOX_ENV $VOX_TAG $VOX_FROM_TAG $VOX_HOST $VOX_SEAT $VOX_DEPLOY_ID $VOX_ACTOR"
    hook(tmp_path, "pre-seat", f'echo "{wanted}" >"$(dirname "$0")/said.md"')
    told: dict[str, Any] = {"env": "production", "actor": "ann", "tag": "t2", "from_tag": "t1", "deploy_id": "d1"}
    await FolderHooks(tmp_path, **told).run("pre-seat", host="fleet1", seat="fleet1-3")
    assert (tmp_path / "said.md").read_text() == "production t2 t1 fleet1 fleet1-3 d1 ann\n"


async def test_a_pre_hook_that_fails_stops_and_any_other_only_warns(tmp_path: Path) -> None:
    said: list[str] = []
    hooks = FolderHooks(tmp_path, tell=lambda _event, text, **_: said.append(text))
    for name in ("pre-deploy", "post-deploy"):
        hook(tmp_path, name, "echo no change on Fridays; exit 3")
    with pytest.raises(HookFailed, match="hook pre-deploy ended with 3: no change on Fridays") as caught:
        await hooks.run("pre-deploy")
    assert caught.value.exit_code == 2
    await hooks.run("post-deploy")
    assert "hook post-deploy ended with 3" in said[0]
    await hooks.run("on-failure")  # there is none
    await FolderHooks(None).run("pre-deploy")


async def test_a_hook_that_has_no_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    hook(tmp_path, "pre-connect", f"sleep 600 & echo $! >{tmp_path}/child.md; wait")
    with pytest.raises(HookFailed, match="had no end within 1 s"):
        await FolderHooks(tmp_path, within_s=1).run("pre-connect")
    child = int((tmp_path / "child.md").read_text())
    async with asyncio.timeout(5):
        while Path(f"/proc/{child}").exists() and "zombie" not in Path(f"/proc/{child}/status").read_text():
            await asyncio.sleep(0.02)


def test_a_file_that_would_never_run_is_named_before_anything_begins(tmp_path: Path) -> None:
    hooks = FolderHooks(tmp_path)
    hooks.check()
    hook(tmp_path, "pre-deploy.sample", "exit 1", 0o644)
    hooks.check()
    hook(tmp_path, "pre_deploy", "exit 0")
    with pytest.raises(CommandError, match="pre_deploy is never run: hooks are called pre-connect"):
        hooks.check()
    (tmp_path / "pre_deploy").unlink()
    hook(tmp_path, "pre-deploy", "exit 0", 0o644)
    with pytest.raises(CommandError, match=r"pre-deploy cannot be run: chmod \+x"):
        hooks.check()
    with pytest.raises(CommandError, match="is no folder"):
        FolderHooks(tmp_path / "none").check()
