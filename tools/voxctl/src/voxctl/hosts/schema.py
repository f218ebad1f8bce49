"""The JSON Schema of deploy.yml: shapes from the models, descriptions from the commented sample."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from voxctl.hosts.inventory import Inventory

SAMPLE = Path("deploy/examples/deploy.yml")
SCHEMA = Path("deploy/examples/deploy.schema.json")
KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z_][\w-]*):")
NAMED = ("hosts", "services")
"""Maps whose keys are the operator's own names."""


def comments(text: str) -> dict[str, str]:
    """`hosts.*.seats` -> the comment above its first place in the sample. Pure."""
    found: dict[str, str] = {}
    path: list[str] = []
    said: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            said.append(line.lstrip()[1:].strip())
            continue
        if match := KEY.match(line):
            depth = len(match["indent"]) // 2
            under = path[depth - 1] if depth else ""
            path[depth:] = ["*" if depth == 1 and under in NAMED else match["key"]]
            if said:
                found.setdefault(".".join(path), " ".join(said))
        said = []
    return found


def schema(sample: str) -> dict[str, Any]:
    """The whole schema. Raises: KeyError: a key of the models is not in the sample, or has no comment there."""
    said = comments(sample)
    shape = Inventory.model_json_schema()
    parts: dict[str, Any] = shape["$defs"]

    def describe(model: dict[str, Any], prefix: str) -> None:
        model.pop("description", None)
        for key, field in model.get("properties", {}).items():
            field.pop("title", None)
            field["description"] = said[f"{prefix}{key}"]
            for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(field)):
                part = f"{prefix}{key}." + ("*." if key in NAMED and not prefix else "")
                describe(parts[name], part)

    shape["properties"].pop("env", None)  # named by -e, never written
    describe(shape, "")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deploy.yml of Vox",
        "$comment": "Made from the models and from deploy.yml beside it by `make docs`.",
        **{key: value for key, value in shape.items() if key != "title"},
    }


def schema_text(root: Path) -> str:
    """The file as it should be."""
    return json.dumps(schema((root / SAMPLE).read_text()), indent=2, ensure_ascii=False) + "\n"
