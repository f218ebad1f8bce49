"""Log-in and one's own account."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import ValidationError
from voxkit.errors import ConfigurationError, Conflict, Invalid, Unauthorized
from voxkit.log import get_logger

from voxbridge import limits
from voxbridge.actors import Actor
from voxbridge.auth import passwords
from voxbridge.auth.models import LoggedIn
from voxbridge.auth.tokens import issue_token
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.users import service as users
from voxbridge.users import store
from voxbridge.users.models import NewUser, User

log = get_logger("voxbridge.auth")


class InvalidCredentials(Unauthorized):
    """The email or the password is wrong."""

    code = "invalid_credentials"


class WrongPassword(Unauthorized):
    """The current password is wrong."""

    code = "wrong_password"


async def log_in(ctx: Context, email: str, password: str, address: str) -> LoggedIn:
    """Raises: InvalidCredentials (wrong, unknown and inactive alike), RateLimited.

    Tries are counted before the check, so that many at once count too; a success takes its own back.
    """
    email = email.strip().lower()
    await limits.hit(ctx, limits.LOGIN_ADDRESS, address)
    await limits.hit(ctx, limits.LOGIN_EMAIL, email)
    user = await store.by_email(ctx.db, email)
    right = await passwords.matches(password, user["password_hash"] if user else None)
    if user is None or not right or not user["is_active"]:
        log.info("login.refused", pii_email=email)
        raise InvalidCredentials
    await limits.clear(ctx, limits.LOGIN_EMAIL, email)
    await limits.take_back(ctx, limits.LOGIN_ADDRESS, address)
    now = ctx.clock()
    await store.note_login(ctx.db, user["_id"], now)
    token, valid_s = issue_token(ctx, user)
    return LoggedIn(access_token=token, expires_in=valid_s, user=User.of({**user, "last_login_at": now}))


async def rename(ctx: Context, actor: Actor, name: str) -> User:
    user = await users.existing(ctx, actor.user_id)
    changes = {"name": name, "updated_at": ctx.clock()}
    if not await store.swap(ctx.db, user, changes):
        raise Conflict("Your account was changed at the same moment; try again.")
    return User.of({**user, **changes})


async def change_password(ctx: Context, actor: Actor, current: str, new: str) -> None:
    """Older tokens end. Raises: WrongPassword, RateLimited, Invalid, Conflict."""
    user = await users.existing(ctx, actor.user_id)
    await limits.hit(ctx, limits.PASSWORD_CHANGE, actor.user_id)
    if not await passwords.matches(current, user["password_hash"]):
        raise WrongPassword
    await limits.take_back(ctx, limits.PASSWORD_CHANGE, actor.user_id)
    passwords.check_new_password(new, user["email"], field="new_password")
    now = ctx.clock()
    changes = {"password_hash": await passwords.hash_password(new), "tokens_valid_from": now, "updated_at": now}
    if not await store.swap(ctx.db, user, changes):
        raise Conflict("Your account was changed at the same moment; try again.")


async def make_first_admin(ctx: Context) -> None:
    """The first super_admin, when there is no user yet and FIRST_ADMIN_EMAIL is set."""
    if not await store.is_empty(ctx.db):
        return
    email = ctx.settings.first_admin_email.strip().lower()
    if not email:
        log.warning("first_admin.missing", way_out="there is no user yet: set FIRST_ADMIN_EMAIL and start again")
        return
    given = ctx.settings.first_admin_password
    password = given or secrets.token_urlsafe(15)
    try:
        body = NewUser(email=email, name="Admin", password=password, role="super_admin")
        passwords.check_new_password(password, email, field="password")
    except (ValidationError, Invalid) as error:
        why = error.message if isinstance(error, Invalid) else "FIRST_ADMIN_EMAIL is no email address"
        raise ConfigurationError(
            f"the first admin cannot be made: {why}; set FIRST_ADMIN_EMAIL, FIRST_ADMIN_PASSWORD"
        ) from None
    note = None if given else _note(Path(ctx.settings.vox_data_dir), password)
    if not given and note is None:
        return
    try:
        await users.insert(ctx, body, created_by="system")
    except store.EmailTaken:  # another replica started at the same moment; its note counts
        if note:
            note.unlink()
        return
    if note:
        note.replace(note.with_name("first-admin"))
    log.info("first_admin.made", pii_email=email)


def _note(folder: Path, password: str) -> Path | None:
    """Write the password where only the owner can read it; it gets its name when the account exists."""
    path = folder / f".first-admin-{new_id()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.warning(
            "first_admin.not_made",
            error=f"{folder}: {error.strerror}",
            way_out="set FIRST_ADMIN_PASSWORD, or VOX_DATA_DIR to a folder that can be written",
        )
        return None
    return path
