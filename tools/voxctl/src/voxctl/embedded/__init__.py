"""The two stores of the embedded stack, run as programs of their own on this machine."""

from voxctl.embedded.secantus import SecantusServer
from voxctl.embedded.server import EmbeddedServer, EmbeddedServerError
from voxctl.embedded.valkey import ValkeyServer

__all__ = ["EmbeddedServer", "EmbeddedServerError", "SecantusServer", "ValkeyServer"]
