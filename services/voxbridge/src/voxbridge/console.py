"""The built console at `/`: files, `/config.js` from `VOXUI_*`, `/brand/` of the operator; `/api` is never shadowed."""

from __future__ import annotations

import json
import mimetypes
import re
from pathlib import Path

from fastapi import Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voxbridge.context import Context
from voxbridge.network import request_base
from voxbridge.settings import BridgeSettings

_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_OURS = ("/api", "/health", "/metrics", "/openapi.json")
_NO_STORE = "no-store"
_YEAR = "public, max-age=31536000, immutable"
# The image of the console sends the same ones: deploy/images/voxui/nginx.conf.
SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()",
}
# Styles are open: bars and lanes carry their measures in `style` attributes, and those cannot run anything.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self' https: wss:{plain}; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


def config_js(settings: BridgeSettings) -> str:
    """`window.__VOX_CONFIG__ = {…};` by a JSON encoder; `<` is escaped, so that no value can end a script."""
    values = {
        "apiUrl": settings.voxui_api_url,
        "brandName": settings.voxui_brand_name,
        "poweredBy": settings.voxui_brand_powered_by,
        "tokenKey": settings.voxui_token_key,
        "logo": settings.voxui_brand_logo,
        "theme": settings.voxui_brand_theme,
        "primary": settings.voxui_primary_color,
        "primarySoft": settings.voxui_primary_soft,
        "background": settings.voxui_bg_color,
        "aurora1": settings.voxui_aurora_color1,
        "aurora2": settings.voxui_aurora_color2,
        "agentDesk": settings.voxui_adk_enabled,
        "docsUrl": settings.voxui_docs_url,
    }
    # An empty value is left out: the built-in one counts.
    given = {key: value for key, value in values.items() if value != ""}
    text = json.dumps(given, ensure_ascii=True).replace("<", "\\u003c")
    return f"window.__VOX_CONFIG__ = {text};\n"


def content_policy(*, encrypted: bool) -> str:
    """Content-Security-Policy of the page. It may speak to plain http and ws only when it came that way itself."""
    return _POLICY.format(plain="" if encrypted else " http: ws:")


def _inside(folder: Path, path: str) -> Path | None:
    """The file of a URL path in a folder, if it is one and does not lead out of it."""
    try:
        found = (folder / path.lstrip("/")).resolve()
    except (ValueError, OSError):
        return None
    return found if found.is_relative_to(folder) and found.is_file() else None


def console_app(ctx: Context, not_found: ASGIApp) -> ASGIApp:
    """What answers where no route matches: the console, or a note that it is not built."""
    settings = ctx.settings
    dist = Path(settings.voxui_dist).resolve() if settings.voxui_dist else None
    brand = (Path(settings.vox_data_dir) / "brand").resolve()
    config = config_js(settings)

    def answer(path: str) -> Response | None:
        if dist is None or not (dist / "index.html").is_file():
            if path != "/":
                return None
            where = f"VOXUI_DIST={settings.voxui_dist} holds no index.html" if dist else "VOXUI_DIST is not set"
            return JSONResponse(
                {"service": "voxbridge", "console": "not built", "api": "/api/v1", "openapi": "/openapi.json",
                 "message": f"The console is not built ({where}); the API runs."}
            )  # fmt: skip
        if path == "/config.js":
            return Response(config, media_type="text/javascript", headers={"Cache-Control": _NO_STORE})
        if path.startswith("/brand/"):
            file = _inside(brand, path.removeprefix("/brand/")) or _inside(dist, path)
            return FileResponse(file, headers={"Cache-Control": "no-cache"}) if file else None
        file = _inside(dist, path)
        if file and file.name != "index.html":
            return FileResponse(file, headers={"Cache-Control": _YEAR if _HASHED.search(file.name) else "no-cache"})
        # A path of the console's own router; a file that is missing is missing, though.
        if "." in path.rsplit("/", 1)[-1] and file is None:
            return None
        return FileResponse(dist / "index.html", headers={"Cache-Control": _NO_STORE})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        ours = any(path == prefix or path.startswith(prefix + "/") for prefix in _OURS)
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not ours:
            found = answer(path)
            if found is not None:
                encrypted = request_base(Request(scope), ctx).startswith("https:")
                headers = SAFETY | {"Content-Security-Policy": content_policy(encrypted=encrypted)}
                await GZipMiddleware(found, compresslevel=6)(scope, receive, _with_headers(send, headers))
                return
        await not_found(scope, receive, send)

    return app


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def tagged(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return tagged
