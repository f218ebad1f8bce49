"""`make docs`: every generated file. The reference of all settings and `.env.example` come from the settings classes,
the lists of what each image takes from the lock come from what our packages declare.

python -m voxctl.docs            write them
python -m voxctl.docs --check    change nothing, exit 1 when one of them is not what it should be
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from voxkit.settings import VoxSettings

from voxctl.checkout import checkout
from voxctl.hosts.schema import SCHEMA, schema_text
from voxctl.images.packages import package_lists

PACKAGES = ("voxbridge", "voxcore", "voxdialler", "voxregistry", "voxvoice", "voxphone", "voxctl")
# The order in which a newcomer meets them; all others follow by name.
FIRST = (
    "COMPOSE_PROFILES",
    "VOX_TAG",
    "VOX_ENV",
    "VOX_DATA_DIR",
    "VOXCORE_SECRET",
    "JWT_SECRET",
    "SETTINGS_ENCRYPTION_KEY",
    "S3_ACCESS_KEY",
)
DEVELOPMENT_VALUES = {
    "VOXCORE_SECRET": "dev-only-change-me",
    "JWT_SECRET": "dev-only-change-me-dev-only-change-me",
    "SETTINGS_ENCRYPTION_KEY": "dev-only-change-me",
    "S3_ACCESS_KEY": "vox",
    "S3_SECRET_KEY": "dev-only-change-me",
    "VOXPHONE_API_TOKEN": "dev-only-change-me",
    "FIRST_ADMIN_EMAIL": "admin@example.com",
    "COMPOSE_PROFILES": "demo",
}


@dataclass(frozen=True)
class Variable:
    """One variable as one package reads it. `default` None: required."""

    name: str
    default: str | None
    meaning: str


def variables_of(package: str) -> list[Variable]:
    """What a package reads from the environment, in the order of its fields; empty when it is not built yet."""
    found: dict[str, Variable] = {}
    for cls in settings_classes(package):
        for field, info in cls.model_fields.items():
            if field not in VoxSettings.model_fields:
                name = variable_name(field, info)
                found.setdefault(name, Variable(name, _default(info), info.description or ""))
    return list(found.values())


def settings_classes(package: str) -> list[type[VoxSettings]]:
    """The settings classes of a package, which stand in `{package}.settings`; empty when it is not built yet."""
    if importlib.util.find_spec(package) is None:
        return []
    for name in (f"{package}.settings.environment", f"{package}.settings"):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if not name.startswith(str(missing.name)):
                raise
            continue
        classes = [cls for _, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == name]
        return [cls for cls in classes if issubclass(cls, VoxSettings)]
    return []


def common_variables() -> list[Variable]:
    """What every service reads."""
    return [
        Variable(variable_name(name, info), _default(info), info.description or "")
        for name, info in VoxSettings.model_fields.items()
    ]


def variable_name(field: str, info: FieldInfo) -> str:
    """The variable that wins for a field: its first alias, else its own name in capitals."""
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        alias = next((choice for choice in alias.choices if isinstance(choice, str)), None)
    return (alias if isinstance(alias, str) else field).upper()


def settings_page() -> str:
    """docs/operations/settings.md"""
    lines = [
        "# Settings",
        "",
        "Every service reads its settings from the environment, then from `.env` in its folder. This page is",
        "written by `make docs` from the settings classes; change a description there, not here.",
        "",
        "`vox up` sets what its parts need to find each other. What you set yourself reaches them all.",
    ]
    sections = [("Every service", common_variables()), *((name, variables_of(name)) for name in PACKAGES)]
    for title, variables in sections:
        if variables:
            lines += ["", f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
            lines += [f"| `{v.name}` | {_shown(v.default)} | {_cell(v.meaning)} |" for v in variables]
    return "\n".join(lines) + "\n"


def env_example() -> str:
    """.env.example: each variable once, commented out unless development needs a value."""
    merged: dict[str, Variable] = {}
    for variable in [*common_variables(), *(v for package in PACKAGES for v in variables_of(package))]:
        merged.setdefault(variable.name, variable)
    first = [merged.pop(name) for name in FIRST if name in merged]
    lines = [
        "# Settings of Vox with their defaults, written by `make docs`. Copy to .env and change what you need;",
        "# `make up` needs none of it, compose those without a `#` before them: values for development on one machine.",
        "# `vox init` writes a .env with random secrets instead.",
    ]
    for variable in [*first, *sorted(merged.values(), key=lambda variable: variable.name)]:
        value = DEVELOPMENT_VALUES.get(variable.name)
        default = variable.default or ""
        lines += ["", f"# {_one_line(variable.meaning)}"]
        lines.append(f"{variable.name}={value}" if value else f"#{variable.name}={default}")
    return "\n".join(lines) + "\n"


def pages(root: Path) -> dict[Path, str]:
    """What each generated file must hold."""
    return {
        root / "docs" / "operations" / "settings.md": settings_page(),
        root / ".env.example": env_example(),
        root / SCHEMA: schema_text(root),
        **package_lists(root),
    }


def main() -> int:
    """Write or check; returns the exit code."""
    check = "--check" in sys.argv[1:]
    stale = [path for path, text in pages(checkout()).items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        if check:
            print(f"{path} is not what the code says: run `make docs`")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages(checkout())[path])
            print(f"wrote {path}")
    return 1 if check and stale else 0


def _default(info: FieldInfo) -> str | None:
    if info.is_required():
        return None
    value = info.get_default(call_default_factory=False)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ",".join(str(item) for item in value)
    return str(value)


def _shown(default: str | None) -> str:
    if default is None:
        return "required"
    return f"`{default}`" if default else "empty"


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
