"""Rules of users: who may do what to whom, and that one active super_admin always stays."""

from __future__ import annotations

import re
from typing import Any

from voxkit.errors import Conflict, Forbidden, NotFound

from voxbridge.actors import RANKS, Actor
from voxbridge.auth.passwords import check_new_password, hash_password
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.pages import Page, PageQuery, short_page, sort_of
from voxbridge.users import store
from voxbridge.users.models import NewUser, User, UserChanges

Document = dict[str, Any]
SORTS = ("email", "-email", "name", "-name", "created_at", "-created_at")
_TRIES = 5


class RankTooLow(Forbidden):
    """Your rank does not reach that far."""

    code = "rank"


class SelfAction(Forbidden):
    """You cannot do this to yourself here; use /auth/me."""

    code = "self_action"


class LastSuperAdmin(Conflict):
    """This is the last active super_admin; make another one first."""

    code = "last_super_admin"


def _check_role(actor: Actor, role: str) -> None:
    if actor.rank < RANKS[role]:
        raise RankTooLow(f"As {actor.role} you cannot give the role {role}.")


def _check_target(actor: Actor, target: Document) -> None:
    if target["_id"] == actor.user_id:
        raise SelfAction
    if actor.role != "super_admin" and actor.rank <= RANKS[target["role"]]:
        raise RankTooLow(f"As {actor.role} you cannot act on a {target['role']}.")


def primary_language(languages: list[str], wished: str | None) -> str:
    """The wished one if it is spoken, else the first."""
    return wished if wished in languages else languages[0]


async def create(ctx: Context, actor: Actor, body: NewUser) -> User:
    """Raises: RankTooLow, EmailTaken, Invalid (password)."""
    _check_role(actor, body.role)
    check_new_password(body.password, body.email, field="password")
    return User.of(await insert(ctx, body, created_by=actor.id))


async def insert(ctx: Context, body: NewUser, *, created_by: str) -> Document:
    """Store a new user. Raises: EmailTaken."""
    now = ctx.clock()
    user: Document = {
        "_id": new_id(),
        "email": body.email,
        "name": body.name,
        "role": body.role,
        "is_active": True,
        "password_hash": await hash_password(body.password),
        "tokens_valid_from": now,
        "agent_languages": list(dict.fromkeys(body.agent_languages)),
        "agent_primary_language": primary_language(body.agent_languages, body.agent_primary_language),
        "last_login_at": None,
        "created_by": created_by,
        "created_at": now,
        "updated_at": now,
    }
    await store.insert(ctx.db, user)
    return user


async def listed(
    ctx: Context, query: PageQuery, *, role: str | None, is_active: bool | None, text: str | None
) -> Page[User]:
    where: Document = {}
    if role is not None:
        where["role"] = role
    if is_active is not None:
        where["is_active"] = is_active
    if text:
        part = {"$regex": re.escape(text), "$options": "i"}
        where["$or"] = [{"name": part}, {"email": part}]
    return await short_page(
        store.collection(ctx.db), where, query, sort=sort_of(query, SORTS, "email"), shape=User.of,
        projection={"password_hash": 0},
    )  # fmt: skip


async def existing(ctx: Context, user_id: str) -> Document:
    """Raises: NotFound."""
    user = await store.by_id(ctx.db, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


async def change(ctx: Context, actor: Actor, user_id: str, body: UserChanges) -> User:
    """Raises: NotFound, SelfAction, RankTooLow, EmailTaken, LastSuperAdmin."""

    def changes(user: Document) -> Document:
        given = body.model_dump(exclude_unset=True)
        if body.role is not None:
            _check_role(actor, body.role)
        if body.agent_languages is not None:
            given["agent_languages"] = list(dict.fromkeys(body.agent_languages))
        languages = given.get("agent_languages", user["agent_languages"])
        given["agent_primary_language"] = primary_language(
            languages, given.get("agent_primary_language", user["agent_primary_language"])
        )
        if given.get("email", user["email"]) != user["email"]:
            # Tokens name the email: those of a former owner of the new address must not open this account.
            given["tokens_valid_from"] = ctx.clock()
        return given

    return User.of(await _act(ctx, actor, user_id, changes))


async def toggle_active(ctx: Context, actor: Actor, user_id: str) -> User:
    """Switch a user off or on again; tokens end. Raises: as `change`."""
    return User.of(
        await _act(
            ctx,
            actor,
            user_id,
            lambda user: {"is_active": not user["is_active"], "tokens_valid_from": ctx.clock()},
        )
    )


async def reset_password(ctx: Context, actor: Actor, user_id: str, new_password: str) -> None:
    """Raises: as `change`, Invalid (password)."""
    target = await existing(ctx, user_id)
    _check_target(actor, target)
    check_new_password(new_password, target["email"], field="new_password")
    hashed = await hash_password(new_password)
    await _act(ctx, actor, user_id, lambda _: {"password_hash": hashed, "tokens_valid_from": ctx.clock()})


async def _act(ctx: Context, actor: Actor, user_id: str, changes: Any) -> Document:
    """Check, change by compare-and-set, and take it back when no active super_admin would be left."""
    for _ in range(_TRIES):
        user = await existing(ctx, user_id)
        _check_target(actor, user)
        wanted = {**changes(user), "updated_at": ctx.clock()}
        after = {**user, **wanted}
        weakens = _is_active_super(user) and not _is_active_super(after)
        if weakens and not await store.other_super_admin(ctx.db, user_id):
            raise LastSuperAdmin
        if not await store.swap(ctx.db, user, wanted):
            continue
        # Two super_admins may demote each other at the same time: both checks above passed, so look again.
        if weakens and not await store.other_super_admin(ctx.db, user_id):
            await store.restore(ctx.db, user)
            raise LastSuperAdmin
        return after
    raise Conflict("Somebody else is changing this user; try again.")


async def delete(ctx: Context, actor: Actor, user_id: str) -> None:
    """Raises: NotFound, SelfAction, RankTooLow, LastSuperAdmin."""
    for _ in range(_TRIES):
        user = await existing(ctx, user_id)
        _check_target(actor, user)
        last = _is_active_super(user)
        if last and not await store.other_super_admin(ctx.db, user_id):
            raise LastSuperAdmin
        if not await store.delete(ctx.db, user):
            continue
        if last and not await store.other_super_admin(ctx.db, user_id):
            await store.restore(ctx.db, user)
            raise LastSuperAdmin
        return
    raise Conflict("Somebody else is changing this user; try again.")


def _is_active_super(user: Document) -> bool:
    return user["role"] == "super_admin" and bool(user["is_active"])
