"""The checkout this command line runs from: benches, docs and the console lie beside the packages."""

from __future__ import annotations

from pathlib import Path

from voxctl.output import CommandError


def find_checkout() -> Path | None:
    """Root of the checkout; None when voxctl was installed without one."""
    return next((parent for parent in Path(__file__).parents if (parent / "services" / "voxbridge").is_dir()), None)


def checkout() -> Path:
    """Root of the checkout. Raises: CommandError."""
    root = find_checkout()
    if root is None:
        raise CommandError("this needs a checkout of Vox, and vox was installed without one")
    return root
