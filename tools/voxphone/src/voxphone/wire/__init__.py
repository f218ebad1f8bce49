"""Media protocols of a line, one file each: what a carrier sends a worker, and what it makes of the answers."""

from voxphone.wire.base import Wire
from voxphone.wire.exotel import ExotelWire
from voxphone.wire.vox import VoxWire

WIRES: dict[str, type[Wire]] = {"vox": VoxWire, "exotel": ExotelWire}

__all__ = ["WIRES", "ExotelWire", "VoxWire", "Wire"]
