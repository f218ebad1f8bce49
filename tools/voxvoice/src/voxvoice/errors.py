"""Errors in OpenAI's shape: `{"error": {"message", "type", "code"}}`, which every OpenAI client can read."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from voxkit.errors import BadRequest, NotFound, TooLarge, Unavailable, VoxError
from voxkit.log import get_logger

log = get_logger("voxvoice")


class BadAudio(BadRequest):
    """The audio cannot be read."""

    code = "invalid_audio"


class BadValue(BadRequest):
    """A parameter has a value that cannot be used."""

    code = "invalid_value"


class UnsupportedLanguage(BadRequest):
    """The model knows English only."""

    code = "unsupported_language"


class UnknownVoice(BadRequest):
    """There is no such voice."""

    code = "unknown_voice"


class TextTooLong(BadRequest):
    """The input text is too long."""

    code = "text_too_long"


class UnknownModel(NotFound):
    """There is no such model."""

    code = "model_not_found"


class AudioTooLarge(TooLarge):
    """The audio is too large."""

    code = "audio_too_large"


class Loading(Unavailable):
    """The models are still loading; try again in a second."""

    code = "loading"


def body_of(error: VoxError) -> dict[str, dict[str, str]]:
    """The JSON body of an error."""
    if error.http_status >= 500:
        kind = "server_error"
    else:
        kind = "authentication_error" if error.http_status == 401 else "invalid_request_error"
    return {"error": {"message": error.message, "type": kind, "code": error.wire_code}}


def response_of(error: VoxError) -> JSONResponse:
    """The HTTP answer of an error."""
    return JSONResponse(body_of(error), status_code=error.http_status, headers=error.headers)


def install_errors(app: FastAPI) -> None:
    """Answer every error of the app in OpenAI's shape; an unexpected one is logged and told as `internal_error`."""

    @app.exception_handler(VoxError)
    async def on_vox_error(_: Request, error: VoxError) -> JSONResponse:
        return response_of(error)

    @app.exception_handler(RequestValidationError)
    async def on_validation(_: Request, error: RequestValidationError) -> JSONResponse:
        # The value sent is left out: it may be what a customer said.
        told = "; ".join(f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in error.errors())
        return response_of(BadValue(told or "the request is not valid"))

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, VoxError):  # raised while the body was read, which FastAPI wraps
            return response_of(error.__cause__)
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "bad_request")
        plain = VoxError(str(error.detail), code=code, status=error.status_code, headers=dict(error.headers or {}))
        return response_of(plain)

    @app.exception_handler(Exception)
    async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", path=request.url.path, exc_info=error)
        return response_of(VoxError("Something went wrong here. The log has the details."))
