"""The event a worker sends with its config request: what controls the call is taken out before variables are built."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
MAX_EVENT_BYTES = 16 * 1024
CONTEXT_ID = re.compile(r"ctx_[0-9a-f]{32}")
_CONTEXT_KEYS = ("_context", "custom_field", "CustomField")
_LINK_KEYS = ("_campaign_session_id", "_campaign_id", "_campaign_call_id", "_campaign_attempt", "_campaign_run_number")


@dataclass(frozen=True)
class CampaignLink:
    """Whose call this is, as the event claims it; believed only after the contact agrees."""

    session_id: str
    campaign_id: str
    campaign_call_id: str
    attempt: int
    run_number: int

    def fields(self) -> Document:
        """The five fields as they stay on the stored event."""
        values = (self.session_id, self.campaign_id, self.campaign_call_id, self.attempt, self.run_number)
        return dict(zip(_LINK_KEYS, values, strict=True))


@dataclass
class SplitEvent:
    """An event without its control fields. `claim`: the campaign link it claims; `warnings` are for the log."""

    fields: Document
    claim: CampaignLink | None = None
    skip_prefetch: bool = False
    skip_post_push: bool = False
    mock_crm: Document = field(default_factory=dict)
    sip_headers: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list[str])


def parse_event(text: str) -> tuple[Document, list[str]]:
    """The `connected_event` of a request; anything but a JSON object of at most 16 KiB counts as `{}`."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_EVENT_BYTES:
        return {}, ["event_too_large"]
    try:
        event = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}, ["event_not_json"]
    if not isinstance(event, dict):
        return {}, ["event_not_object"]
    return event, []


def context_id(event: Document) -> str | None:
    """The id of a stored context that the event refers to."""
    for key in _CONTEXT_KEYS:
        value = event.get(key)
        if isinstance(value, str) and CONTEXT_ID.fullmatch(value):
            return value
    return None


def merged_with_context(event: Document, stored: Document | None) -> Document:
    """The stored event over the given fields, without the reference itself."""
    given = {
        key: value
        for key, value in event.items()
        if key != "_context" and not (key in _CONTEXT_KEYS and isinstance(value, str) and CONTEXT_ID.fullmatch(value))
    }
    return given | {key: value for key, value in (stored or {}).items() if key != "_context"}


def split_event(event: Document, sip_header_config: Document | None = None) -> SplitEvent:
    """Take the control fields out. Every other field that begins with `_` is dropped."""
    warnings: list[str] = []
    claim = _claim(event)
    if claim is None and any(key in event for key in _LINK_KEYS):
        warnings.append("campaign_fields_incomplete")
    mock = event.get("_mock_crm")
    candidates = event.get("sip_candidate_headers")
    return SplitEvent(
        fields={key: value for key, value in event.items() if key[:1] != "_" and key != "sip_candidate_headers"},
        claim=claim,
        skip_prefetch=_is_true(event.get("_skip_prefetch")),
        skip_post_push=_is_true(event.get("_skip_post_push")),
        mock_crm=mock if isinstance(mock, dict) else {},
        sip_headers=_allowed_headers(candidates, sip_header_config or {}) if isinstance(candidates, dict) else {},
        warnings=warnings,
    )


def _is_true(value: Any) -> bool:
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in ("true", "1", "yes"))


def _claim(event: Document) -> CampaignLink | None:
    values = [event.get(key) for key in _LINK_KEYS]
    if not all(isinstance(value, str) and value for value in values[:3]):
        return None
    try:
        return CampaignLink(str(values[0]), str(values[1]), str(values[2]), int(str(values[3])), int(str(values[4])))
    except ValueError:
        return None


def _allowed_headers(candidates: Document, config: Document) -> dict[str, str]:
    """`sip_header_<name>` -> value, of the headers that the bot lets in."""
    if not config.get("enabled"):
        return {}
    allowed = {str(name).strip().lower() for name in config.get("allow") or []}
    return {
        f"sip_header_{name.strip().lower().replace('-', '_')}": value if isinstance(value, str) else json.dumps(value)
        for name, value in candidates.items()
        if name.strip().lower() in allowed
    }
