"""The address a service listens on, taken before anything else starts."""

import socket

from voxkit.errors import ConfigurationError


def bound(host: str, port: int, *, names: str = "HOST and PORT") -> socket.socket:
    """Bound, and not listening yet: nobody is let in. `names`: the variables that say where.

    Raises: ConfigurationError, naming the address and a way out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, the event loop sets TCP_NODELAY; without it each answer waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"cannot listen on {host}:{port} ({why}); stop what uses it, or set {names}") from None
    return listener
