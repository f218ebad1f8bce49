"""A damaged model must stop the start with one line; it would otherwise be heard by callers."""

import hashlib
from pathlib import Path

import pytest
from voxvoice.models import ModelError, PinnedModel, verified

pytestmark = [pytest.mark.unit]


def pinned(content: bytes) -> PinnedModel:
    return PinnedModel("toy", "no_such_package_here", "data", {"model.bin": hashlib.sha256(content).hexdigest()})


def test_the_pinned_files_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert verified(pinned(b"weights"), tmp_path) == tmp_path


def test_a_changed_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weightz")
    with pytest.raises(ModelError, match=r"model\.bin is damaged"):
        verified(pinned(b"weights"), tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot read .*model\.bin"):
        verified(pinned(b"weights"), tmp_path)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModelError, match="no-such-package-here is not installed"):
        verified(pinned(b"weights"))
