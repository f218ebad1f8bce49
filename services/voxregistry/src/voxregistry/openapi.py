"""The OpenAPI document: FastAPI's own, with the hot routes put in from the rows that dispatch them."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from voxkit.contracts.errors import ErrorBody

from voxregistry.api import PARAMETERS, ROUTES


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": PARAMETERS[name].json_schema()}


def whole(app: FastAPI) -> dict[str, Any]:
    """Every route of the service."""
    document = FastAPI.openapi(app)
    models = {model for route in ROUTES for model in (route.body, *route.answers.values()) if model} | {ErrorBody}
    refs, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"].update(schemas["$defs"])

    def content(model: Any) -> dict[str, Any]:
        return {"application/json": {"schema": refs[model or ErrorBody, "validation"]}}

    for route in ROUTES:
        codes = {**route.answers, 403: None, 413: None, 422: None, 503: None}
        in_path = [_parameter(route.id_name, "path")] if route.id_name else []
        operation: dict[str, Any] = {
            "summary": route.summary,
            "operationId": "_".join([route.method.lower(), *(p.strip("{}") for p in route.path.split("/")[2:])]),
            "parameters": [*in_path, _parameter("pool", "query")],
            "responses": {
                str(code): {"description": route.summary if code < 400 else "Refused", "content": content(model)}
                for code, model in codes.items()
            },
        }
        if route.body:
            operation["requestBody"] = {"required": True, "content": content(route.body)}
        document["paths"].setdefault(route.path, {})[route.method.lower()] = operation
    return document
