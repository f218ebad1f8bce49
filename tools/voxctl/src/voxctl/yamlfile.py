"""Operators' YAML files: read into models that know every key, written back with their comments."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voxctl.output import EXIT_PREFLIGHT, CommandError

M = TypeVar("M", bound=BaseModel)


def read_yaml(path: Path) -> Any:
    """The document with its comments, for `dump_yaml`. Raises: CommandError."""
    try:
        return YAML().load(path.read_text())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", exit_code=EXIT_PREFLIGHT) from None
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        raise CommandError(f"{path}{line}: not YAML", exit_code=EXIT_PREFLIGHT) from None


def dump_yaml(document: Any) -> str:
    """The text of a document that `read_yaml` gave."""
    yaml = YAML()
    yaml.width = 200
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def parse(model: type[M], document: Any, path: Path) -> M:
    """The model that a document holds. Raises: CommandError that names each wrong place."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors()
        )
        raise CommandError(f"{path}: {wrong}", exit_code=EXIT_PREFLIGHT) from None
