"""Secrets at rest: Fernet, `enc:<token>`; the first key encrypts, all decrypt."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from voxkit.errors import VoxError
from voxkit.log import get_logger
from voxkit.secrets import split_secrets

PREFIX = "enc:"
log = get_logger("voxbridge.crypto")


class SecretUnreadable(VoxError):
    """A stored secret cannot be decrypted: put the key it was written with back into SETTINGS_ENCRYPTION_KEY."""

    code, status = "secret_unreadable", 500


def _fernet(text: str) -> Fernet:
    """A Fernet key is used as it is, any other text by its SHA-256."""
    try:
        return Fernet(text)
    except ValueError:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()))


class Cipher:
    """Encrypts and decrypts single values. `""` stays `""`, so that "not set" needs no key."""

    def __init__(self, keys: str) -> None:
        entries = [_fernet(entry) for entry in split_secrets(keys)]
        self._first = entries[0]
        self._all = MultiFernet(entries)

    def encrypt(self, value: str) -> str:
        """`enc:<token>` under the first key."""
        return PREFIX + self._first.encrypt(value.encode()).decode() if value else ""

    def decrypt(self, stored: str) -> str:
        """The value. Text without the prefix is returned as it is. Raises: SecretUnreadable: no key fits."""
        if not stored.startswith(PREFIX):
            return stored
        try:
            return self._all.decrypt(stored[len(PREFIX) :].encode()).decode()
        except InvalidToken:
            raise SecretUnreadable from None

    def decrypt_or_empty(self, stored: str, *, where: str) -> str:
        """As `decrypt`, but an unreadable value is logged with its place and counts as not set."""
        try:
            return self.decrypt(stored)
        except SecretUnreadable:
            log.error("secret.unreadable", where=where, way_out="put the former key back into SETTINGS_ENCRYPTION_KEY")
            return ""

    def needs_rotation(self, stored: str) -> bool:
        """Whether the value should be written anew: plain text, or encrypted under a key that is not the first."""
        if not stored:
            return False
        if not stored.startswith(PREFIX):
            return True
        try:
            self._first.decrypt(stored[len(PREFIX) :].encode())
        except InvalidToken:
            return True
        return False
