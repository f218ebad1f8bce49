"""From options and a file to the `config` of a campaign. Limits and meanings are those of voxkit's `CampaignConfig`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from voxkit.contracts.campaigns import CampaignConfig

from voxctl.output import CommandError
from voxctl.yamlfile import read_yaml

Document = dict[str, Any]
_WINDOW = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")


def window_of(text: str) -> Document:
    """`09:00-18:00` as start and end.  Raises: CommandError."""
    times = _WINDOW.fullmatch(text.replace(" ", ""))
    if times is None:
        raise CommandError(f"--window {text}: give two times, as in 09:00-18:00 (22:00-06:00 runs over midnight)")
    return {"start": times[1], "end": times[2]}


def config_of(file: Path | None, given: Document) -> Document:
    """What stands in `file` (YAML or JSON), over it what was given as options (nested, None left out).

    Raises: CommandError that names each field that is wrong.
    """
    merged = _merged(_read(file) if file else {}, _without_none(given))
    try:
        CampaignConfig.model_validate(merged)
    except ValidationError as error:
        faults = "".join(
            f"\n  {'.'.join(map(str, fault['loc'])) or 'config'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        )
        raise CommandError(f"this configuration cannot be:{faults}") from None
    return merged


def _read(file: Path) -> Document:
    content = read_yaml(file)
    if not isinstance(content, dict):
        raise CommandError(f"{file}: a configuration is a mapping, such as `concurrency_limit: 10`")
    return content


def _without_none(given: Document) -> Document:
    kept: Document = {}
    for name, value in given.items():
        inner = _without_none(value) if isinstance(value, dict) else value
        if inner is not None and inner != {}:
            kept[name] = inner
    return kept


def _merged(below: Document, above: Document) -> Document:
    result = dict(below)
    for name, value in above.items():
        beneath = result.get(name)
        result[name] = _merged(beneath, value) if isinstance(value, dict) and isinstance(beneath, dict) else value
    return result
