"""Answers of the registry, as types."""

from typing import Any, TypeVar, cast

import httpx
from pydantic import ValidationError

from voxkit.contracts.base import WireModel
from voxkit.errors import AtCapacity, Forbidden, Invalid, NotFound, VoxError
from voxkit.registry.errors import QueueFull, QuotaExceeded, RegistryAway, ReservationIdReused, ReservationOver

_ERRORS: dict[str, type[VoxError]] = {
    "at_capacity": AtCapacity,
    "quota_exceeded": QuotaExceeded,
    "queue_full": QueueFull,
    "reservation_over": ReservationOver,
    "id_reused": ReservationIdReused,
    "unknown": NotFound,
    "forbidden": Forbidden,
    "invalid_request": Invalid,
}
_NOT_THE_REGISTRY = "What answered at the registry's address is not the capacity registry."
_Model = TypeVar("_Model", bound=WireModel)


def read_answer(model: type[_Model], response: httpx.Response) -> _Model:
    """The body as `model`. Raises: RegistryAway when something else answers there."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        raise RegistryAway(_NOT_THE_REGISTRY) from None


def read_list(model: type[_Model], response: httpx.Response) -> list[_Model]:
    """The body as a list of `model`. Raises: RegistryAway when something else answers there."""
    try:
        items: Any = response.json()
        return [model.model_validate(item) for item in items]
    except (ValueError, TypeError):
        raise RegistryAway(_NOT_THE_REGISTRY) from None


def fields_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON object in an answer of whatever origin; empty when there is none."""
    try:
        said: Any = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def failure_of(response: httpx.Response) -> VoxError:
    """The type that the error code of an answer stands for; further fields of the body are its `extra`."""
    body = fields_of(response)
    code = str(body.pop("error", f"http_{response.status_code}"))
    message = str(body.pop("message", f"The registry answered {response.status_code}."))
    kind = _ERRORS.get(code, VoxError)
    return kind(message, code=code, status=response.status_code, detail=body.pop("detail", None), extra=body)
