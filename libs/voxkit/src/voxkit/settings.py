"""Base of every service's settings, and the reference that is printed from them."""

import os
from collections.abc import Iterable
from typing import Any, Self

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from voxkit.errors import ConfigurationError

DEVELOPMENT_SECRET = "dev-only-change-me"  # noqa: S105  (a known value that production refuses)

EMPTY_MEANS_NONE: dict[str, Any] = {"empty_means_none": True}
"""`json_schema_extra` of a text field whose default can be switched off by an empty value (`REGISTRY_URL=`)."""


class _SwitchedOff(PydanticBaseSettingsSource):
    """Empty variables of `EMPTY_MEANS_NONE` fields; every other empty variable counts as not set."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False  # the base class asks for it; `__call__` needs no single values

    def __call__(self) -> dict[str, Any]:
        marked = [
            name
            for name, field in self.settings_cls.model_fields.items()
            if field.json_schema_extra == EMPTY_MEANS_NONE
        ]
        file = self.config.get("env_file")
        given = {**(dotenv_values(str(file)) if marked and file else {}), **os.environ}
        return {name: "" for name in marked if given.get(name.upper()) == ""}


class VoxSettings(BaseSettings):
    """Settings read from the environment and `.env`; the variable's name is the field's, in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, populate_by_name=True)

    vox_env: str = Field(default="development", description="`development` or `production`.")
    vox_data_dir: str = Field(default="./data", description="Folder for what must survive a restart.")
    vox_image_tag: str = Field(default="dev", description="Tag of the running image, shown by health routes.")
    log_level: str = Field(default="INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`.")
    log_format: str = Field(default="json", description="`json`, or `console` for people.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _SwitchedOff(settings_cls), env_settings, dotenv_settings, file_secret_settings

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @property
    def production(self) -> bool:
        """Whether development secrets are refused."""
        return self.vox_env == "production"

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment.

        Raises: ConfigurationError: one line per wrong variable, saying its name and what is expected.
        """
        try:
            settings = cls(**overrides)
        except ValidationError as error:
            lines = [
                f"{'.'.join(str(part) for part in item['loc']).upper() or 'settings'}: {item['msg']}"
                for item in error.errors()
            ]
            raise ConfigurationError("; ".join(lines)) from None
        except SettingsError as error:  # a list or an object that is no JSON; the text names the field, not the value
            raise ConfigurationError(f"{error}; expected JSON") from None
        if settings.production:
            weak = [
                name.upper()
                for name in type(settings).model_fields
                if isinstance(value := getattr(settings, name), str) and DEVELOPMENT_SECRET in value
            ]
            if weak:
                raise ConfigurationError(
                    f"{', '.join(weak)}: a development secret with VOX_ENV=production; make random ones with `vox init`"
                )
        return settings


def reference(classes: Iterable[type[VoxSettings]]) -> list[tuple[str, str, str]]:
    """Rows (variable, default, meaning) of the classes' own fields in order, each variable once."""
    rows: dict[str, tuple[str, str, str]] = {}
    for cls in classes:
        for name, field in cls.model_fields.items():
            alias = field.validation_alias if isinstance(field.validation_alias, str) else name
            default = "" if field.is_required() or field.default is None else str(field.default)
            if field.is_required():
                default = "(required)"
            rows.setdefault(alias.upper(), (alias.upper(), default, field.description or ""))
    return list(rows.values())
