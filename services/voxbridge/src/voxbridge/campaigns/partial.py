"""The body of a PATCH, made from the model that it patches: every field may be left out, those of its blocks too."""

from __future__ import annotations

from copy import copy
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model


def partial(model: type[BaseModel]) -> type[BaseModel]:
    """`model_dump(exclude_unset=True)` of an instance holds what was sent. Rules across fields are left to `model`."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        optional, annotation = copy(info), info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = partial(annotation)
            optional.annotation, optional.default_factory = annotation, annotation
        optional.json_schema_extra = without_default
        fields[name] = (annotation, optional)
    return create_model(
        f"{model.__name__}Patch",
        __config__=ConfigDict(extra="forbid"),
        __doc__="Fields present are replaced, absent ones stay.",
        **fields,
    )


def without_default(schema: dict[str, Any]) -> None:
    """What is left out stays as it is, so no default is documented: `Field(…, json_schema_extra=without_default)`."""
    schema.pop("default", None)


def merged(stored: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`stored` with the changes in it, block by block; neither is changed itself."""
    whole = dict(stored)
    for name, value in changes.items():
        old = whole.get(name)
        whole[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return whole
