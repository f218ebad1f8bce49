"""Settings that people edit: read by every feature, written block by block, secrets encrypted at rest."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from voxkit.errors import ConfigurationError, Conflict, Invalid
from voxkit.log import get_logger
from voxkit.secrets import is_keep, mask, split_secrets

import voxbridge
from voxbridge.actors import RANKS, Actor
from voxbridge.context import Context
from voxbridge.events import bus as events
from voxbridge.settings import store
from voxbridge.settings.models import PROVIDERS, SECRETS, About, DisplaySettings, SettingsView, SystemSettings

Document = dict[str, Any]
_SWAP_TRIES = 5
_SECRETS = frozenset(SECRETS)
log = get_logger("voxbridge.settings")


class RevisionConflict(Conflict):
    """Somebody changed the settings in the meantime; read them again."""

    code = "revision_conflict"


async def make_document(ctx: Context) -> None:
    """The document with its defaults, at first start."""
    env = ctx.settings
    try:
        defaults = SystemSettings.model_validate(
            {
                "core_fleet": list(split_secrets(env.core_fleet)),
                "openai_compatible": {"base_url": env.openai_compatible_base_url},
            }
        )
    except ValidationError as error:
        raise ConfigurationError(f"CORE_FLEET: {error.errors()[0]['msg']}") from None
    await store.make(ctx.db, {**defaults.model_dump(), "updated_at": ctx.clock()})


async def _stored(ctx: Context) -> Document:
    """From the copy in Redis, else from the store."""
    document = await store.read_copy(ctx.redis)
    if document is None:
        document = await _fresh(ctx)
        await store.write_copy(ctx.redis, document, replace=False)
    return document


async def _fresh(ctx: Context) -> Document:
    document = await store.read(ctx.db)
    if document is None:
        await make_document(ctx)
        document = await store.read(ctx.db)
    assert document is not None
    return document


def _decrypted(ctx: Context, document: Document) -> SystemSettings:
    shown = {**document, **{block: dict(document.get(block) or {}) for block, _ in SECRETS}}
    for block, field in SECRETS:
        shown[block][field] = ctx.cipher.decrypt_or_empty(str(shown[block].get(field) or ""), where=f"{block}.{field}")
    return _readable(shown)


def _readable(document: Document) -> SystemSettings:
    """The settings; a stored value that this release does not know counts as its default, and is told."""
    while True:
        try:
            return SystemSettings.model_validate(document)
        except ValidationError as error:
            place = error.errors()[0]["loc"]
            *way, last = [part for part in place if isinstance(part, str)]
            log.error("settings.unreadable", field=".".join([*way, last]), way_out="save this setting again")
            holder = document
            for part in way:
                holder[part] = holder = dict(holder[part])
            del holder[last]


async def get_settings(ctx: Context) -> SystemSettings:
    """All settings, secrets in clear. At most 60 s old when Redis missed a write, else current."""
    return _decrypted(ctx, await _stored(ctx))


async def view(ctx: Context) -> SettingsView:
    """All settings for people, read from the store itself; secrets masked."""
    return _view(ctx, await _fresh(ctx))


def _view(ctx: Context, document: Document) -> SettingsView:
    current = _decrypted(ctx, document)
    shown = current.model_dump()
    for block, field in SECRETS:
        shown[block][field] = mask(shown[block][field])
    shown["minio"]["source"] = "settings" if current.minio.complete else "environment"
    about = About(version=voxbridge.__version__, image_tag=ctx.settings.vox_image_tag)
    return SettingsView.model_validate({**shown, "about": about})


async def display(ctx: Context, actor: Actor) -> DisplaySettings:
    current = await get_settings(ctx)
    if actor.rank < RANKS["admin"]:
        return DisplaySettings(display_timezone=current.display_timezone)
    return DisplaySettings(
        display_timezone=current.display_timezone,
        default_country=current.default_country,
        provider_keys={provider: bool(getattr(current.api_keys, provider)) for provider in PROVIDERS},
    )


async def update(ctx: Context, actor: Actor, path: str, body: BaseModel) -> SettingsView:
    """Set the fields given in `body` under `path` ("" = top level, "minio", "dialler.amd"); absent ones stay.

    Raises: RevisionConflict; Invalid: the block would not be valid.
    """
    given = body.model_dump(exclude_unset=True)
    expected = given.pop("revision", None)
    for _ in range(_SWAP_TRIES):
        document = await _fresh(ctx)
        revision = int(document.get("revision", 1))
        if expected is not None and expected != revision:
            raise RevisionConflict(
                f"The settings are at revision {revision} now, you changed {expected}; read them again.",
                extra={"revision": revision},
            )
        changes = _changes(ctx, _decrypted(ctx, document), path, given)
        stamp = {"updated_by": actor.id, "updated_at": ctx.clock()}
        stored = await store.swap(ctx.db, revision, {**changes, **stamp})
        if stored is not None:
            await store.write_copy(ctx.redis, stored, replace=True)
            events.publish(ctx, "settings.changed", ("settings",), {"revision": int(stored["revision"])})
            log.info("settings.changed", block=path or ",".join(sorted(given)), actor_id=actor.id)
            return _view(ctx, stored)
    raise RevisionConflict


def _changes(ctx: Context, current: SystemSettings, path: str, given: Document) -> Document:
    """Dotted paths to set; secrets encrypted, kept ones left out."""
    changes: Document = {}
    prefix = f"{path}." if path else ""
    for field, value in given.items():
        if (path, field) in _SECRETS:
            if value is None:
                changes[prefix + field] = ""
            elif not is_keep(value, getattr(getattr(current, path), field)):
                changes[prefix + field] = ctx.cipher.encrypt(value)
        elif isinstance(value, dict):
            changes |= {f"{prefix}{field}.{key}": item for key, item in value.items()}
        else:
            changes[prefix + field] = value
    knowledge = {**current.knowledge.model_dump(), **(given if path == "knowledge" else {})}
    if knowledge["chunk_overlap_chars"] >= knowledge["chunk_size_chars"]:
        reason = "chunk_overlap_chars must be smaller than chunk_size_chars."
        raise Invalid(reason, detail=[{"loc": ["body", "chunk_overlap_chars"], "msg": reason, "type": "value_error"}])
    return changes


async def reencrypt(ctx: Context) -> None:
    """Write secrets anew that are not under the first key. Unreadable ones stay as they are, and are told."""
    for _ in range(_SWAP_TRIES):
        document = await _fresh(ctx)
        changes: Document = {}
        for block, field in SECRETS:
            stored = str((document.get(block) or {}).get(field) or "")
            if ctx.cipher.needs_rotation(stored):
                clear = ctx.cipher.decrypt_or_empty(stored, where=f"{block}.{field}")
                if clear:
                    changes[f"{block}.{field}"] = ctx.cipher.encrypt(clear)
        if not changes:
            return
        written = await store.swap(ctx.db, int(document.get("revision", 1)), changes)
        if written is not None:
            await store.write_copy(ctx.redis, written, replace=True)
            log.info("settings.reencrypted", secrets=len(changes))
            return
