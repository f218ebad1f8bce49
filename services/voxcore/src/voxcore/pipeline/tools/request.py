"""The HTTP request of a custom tool, made from its templates. Nothing is sent here."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from voxkit.contracts.runtime_config import ToolRuntime
from voxkit.templates import TOKEN, Namespaces, header_value, render, render_tree, url_value

ORIGIN = re.compile(r"(https?://[^/?#]+)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
# The client writes these itself; a bot's author setting them could change where a request ends or begins.
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


class NotAllowed(Exception):
    """The request must not be made; the text says why, without any value in it."""


class BadTemplate(Exception):
    """The tool's own configuration cannot be used; the text says where."""


@dataclass(frozen=True)
class HttpCall:
    """A request ready to send. Neither its header values nor its query nor its body may be recorded."""

    method: str
    url: str = field(repr=False)
    host: str
    headers: dict[str, bytes] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


def missing_parameters(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[str]:
    """Required parameters that are absent or empty."""
    return [name for name in schema.get("required", []) if arguments.get(name) in (None, "", [], {})]


def build_request(runtime: ToolRuntime, arguments: Mapping[str, Any], spaces: Namespaces) -> HttpCall:
    """Fill the templates; a declared parameter comes before the namespaces, an unresolved name becomes "".

    Raises: NotAllowed: a token in scheme, host or port, another scheme, or a value that would climb in the path.
    BadTemplate: the body is not JSON.
    """
    # Split before rendering, so that no value can ever reach scheme, host or port.
    parts = ORIGIN.match(runtime.url.strip())
    if not parts:
        raise NotAllowed("the URL must begin with http:// or https:// and name a host")
    origin, path_template, query_template = parts[1], parts[2], parts[3]
    if TOKEN.search(origin) or "{{" in origin:
        raise NotAllowed("scheme, host and port must not contain a template")
    path = render(path_template, spaces, unresolved="", encode=url_value, first=arguments)
    if _climbs(path) and not _climbs(path_template):
        raise NotAllowed("a value would change the path of the URL")
    query = [render(query_template, spaces, unresolved="", encode=url_value, first=arguments)] if query_template else []
    if runtime.query_params:
        filled = {
            key: render(value, spaces, unresolved="", first=arguments) for key, value in runtime.query_params.items()
        }
        query.append(urlencode(filled))
    headers = {
        name: header_value(render(value, spaces, unresolved="", first=arguments)).encode()
        for name, value in runtime.headers.items()
        if name.lower() not in OWN_HEADERS
    }
    headers["Accept-Encoding"] = b"identity"  # a small answer must not unpack to a huge one
    body = None
    if runtime.method == "POST" and runtime.body_template and runtime.body_template.strip():
        body = _body(runtime.body_template, arguments, spaces)
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = b"application/json"
    url = origin + (path or "/") + ("?" + "&".join(query) if query else "")
    host = origin.split("://", 1)[1].rpartition("@")[2]
    return HttpCall(runtime.method, url, host, headers, body)


def _climbs(path: str) -> bool:
    return any(segment in (".", "..") for segment in path.split("/"))


def _body(template: str, arguments: Mapping[str, Any], spaces: Namespaces) -> bytes:
    try:
        parsed = json.loads(template)
    except ValueError:
        raise BadTemplate("body_template is not JSON; a token in it must stand inside a string") from None
    return json.dumps(render_tree(parsed, spaces, first=arguments), ensure_ascii=False).encode()
