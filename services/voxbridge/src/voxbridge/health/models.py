"""Shapes of health on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Health(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ok", "version": "0.1.0", "image_tag": "dev", "mongodb": "ok",
                                         "redis": "ok", "registry": "ok"}]}
    )  # fmt: skip

    status: Literal["ok", "degraded"]
    version: str
    image_tag: str
    mongodb: Literal["ok", "away"]
    redis: Literal["ok", "away"]
    registry: Literal["ok", "away", "off"]


class Alive(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"
