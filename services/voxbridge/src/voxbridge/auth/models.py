"""Shapes of log-in and of one's own account."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from voxbridge.models import ReplyModel, StrictModel
from voxbridge.users.models import USER_EXAMPLE, Name, Password, User


class Login(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.com", "password": "a long pass phrase"}]}
    )

    email: str = Field(min_length=1, max_length=254)
    password: Password


class LoggedIn(ReplyModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"access_token": "eyJhbGciOiJIUzI1NiJ9…", "token_type": "bearer",
                                         "expires_in": 43200, "user": USER_EXAMPLE}]}
    )  # fmt: skip

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  (OAuth's word)
    expires_in: int = Field(description="Seconds.")
    user: User


class OwnChanges(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada Lovelace"}]})

    name: Name


class PasswordChange(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current_password": "a long pass phrase", "new_password": "another long pass phrase"}]
        }
    )

    current_password: Password
    new_password: Password
