"""The body of every error answer."""

from typing import Any

from pydantic import Field

from voxkit.contracts.base import WireModel


class ErrorBody(WireModel):
    """`error` is the stable code, `message` a sentence for people."""

    error: str = Field(examples=["not_found"])
    message: str = Field(examples=["There is no such bot."])
    detail: Any = Field(default=None, description="The message again; the list of field errors for 422.")
    request_id: str | None = Field(default=None, examples=["6f1a2b3c4d5e6f70"])
