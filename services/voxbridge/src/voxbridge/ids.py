"""Ids as Vox writes them."""

import re
import uuid

HEX_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """32 lower-case hex characters: the id of an entity."""
    return uuid.uuid4().hex


def new_session_id() -> str:
    """A UUID4 with dashes: the id of a call."""
    return str(uuid.uuid4())
