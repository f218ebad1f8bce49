"""Shapes of users on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from voxkit.contracts.base import UtcTime

from voxbridge.actors import Role
from voxbridge.models import ReplyModel, StrictModel


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _plain(value: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise ValueError("must not hold control characters")
    return value.strip()


Email = Annotated[
    str, BeforeValidator(_lower), StringConstraints(max_length=254, pattern=r"^[^@\s]{1,64}@[^@\s]{1,189}$")
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"\S"), AfterValidator(_plain)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
Languages = Annotated[list[Language], Field(min_length=1, max_length=20)]
# Length and content are checked by the rules of passwords, so that its refusals read alike everywhere.
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]

USER_EXAMPLE = {
    "user_id": "0f8fad5bd9cb469fa16570867728950e",
    "email": "ada@example.com",
    "name": "Ada",
    "role": "admin",
    "is_active": True,
    "agent_languages": ["en"],
    "agent_primary_language": "en",
    "last_login_at": "2026-06-05T10:15:00.000Z",
    "created_by": "1b4e28ba2fa111d2883f0016d3cca427",
    "created_at": "2026-06-01T08:00:00.000Z",
    "updated_at": "2026-06-01T08:00:00.000Z",
}


class User(ReplyModel):
    """A user without the password's hash."""

    model_config = ConfigDict(json_schema_extra={"examples": [USER_EXAMPLE]})

    user_id: str
    email: str
    name: str
    role: Role
    is_active: bool
    agent_languages: list[str] = Field(description="Spoken languages; they count for agents and supervisors.")
    agent_primary_language: str
    last_login_at: UtcTime | None = None
    created_by: str | None = None
    created_at: UtcTime
    updated_at: UtcTime

    @classmethod
    def of(cls, document: dict[str, Any]) -> User:
        return cls.model_validate({**document, "user_id": document["_id"]})


class _Filled(StrictModel):
    """Fields may be absent, but not null."""

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            for key, value in data.items():
                if value is None and key in cls.model_fields:
                    raise ValueError(f"{key} must not be null; leave it out to keep it")
        return data


class NewUser(_Filled):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.com", "name": "Ada", "password": "a long pass phrase", "role": "admin"}]
        }
    )

    email: Email
    name: Name
    password: Password
    role: Role
    agent_languages: Languages = Field(default_factory=lambda: ["en"])
    agent_primary_language: Language | None = Field(
        default=None, description="One of `agent_languages`, else its first."
    )


class UserChanges(_Filled):
    """Absent fields stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada L.", "role": "supervisor"}]})

    name: Name | None = None
    email: Email | None = None
    role: Role | None = None
    agent_languages: Languages | None = None
    agent_primary_language: Language | None = None


class NewPassword(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"new_password": "another long pass phrase"}]})

    new_password: Password
