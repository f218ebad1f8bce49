"""Settings of voxvoice, from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field
from voxkit.settings import VoxSettings


class VoxvoiceSettings(VoxSettings):
    """Names with the prefix win over the plain ones, so that one environment can serve several programs."""

    host: str = Field(
        "127.0.0.1",
        validation_alias=AliasChoices("VOXVOICE_HOST", "HOST"),
        description="Address to listen on; `0.0.0.0` for all.",
    )
    port: int = Field(
        8060,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("VOXVOICE_PORT", "PORT"),
        description="Port; 0 = a free one.",
    )
    voxvoice_threads: int = Field(2, ge=1, le=64, description="Threads of each model.")
    voxvoice_api_key: str = Field(
        "", description="Bearer key of requests; a comma list during a rotation; empty = no key is asked for."
    )
    voxvoice_dialogues: Path | None = Field(
        None, description="Folder with more dialogue files (`*.yaml`); they win over built-in ones of the same name."
    )
    voxvoice_gguf: Path | None = Field(
        None, description="A GGUF model file to serve beside the dialogues; needs the extra `voxvoice[gguf]`."
    )
