"""Who does something: a person, an API key or a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voxkit.errors import Forbidden

Role = Literal["agent", "supervisor", "admin", "super_admin"]
RANKS: dict[str, int] = {"agent": 0, "supervisor": 1, "admin": 2, "super_admin": 3}


@dataclass(frozen=True)
class Actor:
    """`user`: `user_id`, `email`, `name`, `role`. `api_key`: `key_id`, `bot_ids` (empty = all bots).
    `service`, `system` (a job of ours): -."""

    kind: Literal["user", "api_key", "service", "system"]
    user_id: str = ""
    email: str = ""
    name: str = ""
    role: str = ""
    key_id: str = ""
    bot_ids: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """0 to 3 for people; -1 for keys and services."""
        return RANKS.get(self.role, -1)

    @property
    def id(self) -> str:
        """What `created_by` and `updated_by` keep."""
        return self.user_id or self.key_id or self.kind

    def check_bot(self, bot_id: str) -> None:
        """Raises: Forbidden `bot_not_allowed`: the key does not open this bot."""
        if self.kind == "api_key" and self.bot_ids and bot_id not in self.bot_ids:
            raise Forbidden("This API key does not open this bot.", code="bot_not_allowed")
