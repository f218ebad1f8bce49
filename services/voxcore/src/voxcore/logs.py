"""The worker's log: ours, the server's and Pipecat's through one processor, without customer text and tokens."""

import logging
import re
from typing import Any

from voxkit.log import configure, get_logger

from voxcore.settings import VoxcoreSettings

_QUOTED = re.compile(r"\[[^\]]*\]|'[^']*'|\"[^\"]*\"|\{[^}]*\}")
_URL = re.compile(r"\b(?:https?|wss?)://\S+")
_MAX_MESSAGE = 300


def without_content(text: str) -> str:
    """A library's message without what it quotes: texts of the call, bodies, URLs. At most 300 characters."""
    return _QUOTED.sub("…", _URL.sub("<url>", text))[:_MAX_MESSAGE]


class _RefusedUpgrade(logging.Filter):
    """A refusal before the upgrade is an answer like any other; the server calls it an error each time."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "without completing handshake" not in record.getMessage()


def configure_logs(settings: VoxcoreSettings) -> None:
    """Set up all logging of the process; safe to repeat (a forked seat has its own worker id)."""
    configure("voxcore", level=settings.log_level, fmt=settings.log_format, worker_id=settings.voxcore_worker_id)
    server = logging.getLogger("uvicorn.error")
    # At INFO it writes the path of each socket with its query, and a token may stand there.
    server.setLevel(logging.WARNING)
    if not any(isinstance(each, _RefusedUpgrade) for each in server.filters):
        server.addFilter(_RefusedUpgrade())
    _route_pipecat(verbose=settings.log_transcripts and settings.log_level == "DEBUG")


def _route_pipecat(*, verbose: bool) -> None:
    from loguru import logger

    log = get_logger("pipecat")

    def sink(message: Any) -> None:
        record = message.record
        text = str(record["message"])
        error = record["exception"]
        log.log(
            record["level"].no,
            "pipecat",
            module=record["name"],
            line=record["line"],
            message=text if verbose else without_content(text),
            **({"error_type": error.type.__name__} if error and error.type else {}),
        )

    logger.remove()
    logger.add(sink, level="DEBUG" if verbose else "WARNING", format="{message}", catch=True, backtrace=False)
