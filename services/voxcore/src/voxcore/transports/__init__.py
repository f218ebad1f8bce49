"""One file a wire protocol: connection, metadata, hang-up and transfer, nothing else."""

from starlette.websockets import WebSocket

from voxcore.conversation import MediaTransport, Services


def socket_media(kind: str, socket: WebSocket, services: Services) -> MediaTransport:
    """The transport of an accepted socket. Raises KeyError for a kind that is no socket protocol."""
    from voxcore.transports.exotel import ExotelMedia
    from voxcore.transports.ws import NativeMedia

    if kind == "ws":
        return NativeMedia(socket, chunk_ms=services.settings.ws_chunk_ms)
    if kind == "exotel":
        return ExotelMedia(socket)
    raise KeyError(f"no socket protocol {kind!r}")
