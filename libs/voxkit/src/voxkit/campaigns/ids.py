"""The id of a contact, made from what it is: the same contact cannot be stored twice, and an insert can be repeated."""

import hashlib


def contact_id(campaign_id: str, phone_key: str) -> str:
    """32 lower-case hex characters, one value per campaign and number (`phone_key`: its digits only)."""
    return hashlib.sha256(f"{campaign_id}:{phone_key}".encode()).hexdigest()[:32]
