"""JSON logs: an event name, ids bound to the context, personal data only under `pii_` keys.

log = get_logger("voxcore")
with bound(call_id=…, session_id=…):
    log.info("call.ended", disconnected_by="customer", duration_s=41.2, pii_number="+15550100")
"""

import logging
import re
import sys
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

import structlog

from voxkit.secrets import SECRET_NAME

_URL_QUERY = re.compile(r"\?[^\s\"']*")
_QUERY_IN_TEXT = re.compile(r"\?[^\s\"'=?]+=[^\s\"']*")
_URL_KEYS = frozenset({"url", "path", "error", "message"})


def _mask_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, Any]", value)
        return {name: _masked(key if SECRET_NAME.search(key) else str(name), item) for name, item in inner.items()}
    if isinstance(value, list | tuple):
        return [_masked(key, item) for item in cast("list[Any]", value)]
    if key.startswith("pii_") and value is not None:
        text = str(value)
        return "…" + text[-4:] if len(text) > 4 else "…"
    return "[masked]" if isinstance(value, str) and SECRET_NAME.search(key) else value


def _no_query_strings(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tokens travel in query strings of carrier sockets, so no query string reaches a log, a traceback included."""
    for key, value in event.items():
        if isinstance(value, str) and "?" in value:
            event[key] = (_URL_QUERY if key in _URL_KEYS else _QUERY_IN_TEXT).sub("?…", value)
    return event


def configure(service: str, *, level: str = "INFO", fmt: str = "json", **constant: str) -> None:
    """Send structlog and the standard library's logging to stdout as one JSON line each (`fmt="console"` for people).

    `constant` (for example `worker_id`) stands on every line.
    """
    ids = {"service": service, **constant}

    def add_constant(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in ids.items():
            event.setdefault(key, value)
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        add_constant,
        structlog.processors.format_exc_info,
        _no_query_strings,
        _mask_personal,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "urllib3", "asyncio", "pymongo", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for server in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(server)
        logger.handlers[:] = []
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # `voxkit.web` writes the one line per request


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its events carry what `bound` holds."""
    return structlog.stdlib.get_logger(name)


@contextmanager
def bound(**ids: Any) -> Generator[None]:
    """Bind ids to every line written inside, in this task and the tasks it starts."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield
