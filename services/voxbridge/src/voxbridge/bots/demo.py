"""The demo bot: a parcel company's telephone assistant that works with the scripted language model of voxvoice."""

from __future__ import annotations

from typing import Any

DEMO_BOT_ID = "demo"

_SYSTEM_PROMPT = """\
You are the telephone assistant of Vox Parcels, a parcel delivery company.
You speak with a customer on the telephone: short sentences, one question at a time, no lists, no special characters.

What you can do
- Say where a parcel is: ask for the order number, then call check_order.
- Change a delivery: ask which day suits the customer and confirm it.
- Connect the customer to a colleague with transfer_call when they ask for a person or are upset.
- Take a wish to be called back: ask for a day and a time and repeat it.
- Ask for a PIN with collect_digits when the customer wants to identify themselves.

Facts
- Our opening hours: eight in the morning to eight in the evening, Monday to Saturday.
- A standard delivery costs four dollars and fifty cents.

Rules
- Never invent an order or a date.
- When the customer says goodbye or needs nothing else, thank them, say goodbye and call end_call.
- When an answering machine picked up, call detected_voicemail."""

_DYNAMIC_PROMPT = """\
Today is {{system.current_day}}, {{system.current_date}}; it is {{system.current_time}}.
The customer calls from {{call.caller_id}}."""

_ANALYSIS_PROMPT = """\
You read the transcript of a telephone call of Vox Parcels and report its outcome.
Answer with one JSON object and nothing else:
{"DISPOSITION": "Order Status | Delivery Changed | Information | Callback | Transferred | Complaint | Not Interested | \
Wrong Number | Do Not Call | Connected",
 "SUB_DISPOSITION": "one word in capitals that tells how the call ended, for example COMPLETED or PARTIAL",
 "CALLING_REMARKS": "one sentence about what the customer wanted and got",
 "sentiment": "positive | neutral | negative"}"""

_QC_PROMPT = """\
You check the quality of a telephone call between a bot and a customer of Vox Parcels.
Answer with one JSON object and nothing else:
{"empathy_score": 0-10, "compliance_score": 0-10, "overall_score": 0-10, "remarks": "one sentence"}"""


def demo_bot() -> dict[str, Any]:
    """The body that would create it over the API."""
    return {
        "bot_id": DEMO_BOT_ID,
        "name": "Vox Parcels",
        "opening_message": "Hello, this is Vox Parcels. How can I help you?",
        "system_prompt": _SYSTEM_PROMPT,
        "dynamic_prompt": _DYNAMIC_PROMPT,
        "stt": {"provider": "openai_compatible", "extra": {"stream": True}},
        "llm": {"provider": "openai_compatible", "model": "default"},
        "tts": {"provider": "openai_compatible", "voice": "default"},
        "max_call_duration_seconds": 600,
        "re_engagement": {
            "timeout_seconds": 8,
            "messages": ["Are you still there?", "I cannot hear you. Are you still on the line?"],
            "final_message": "I cannot hear you, so I will hang up now. Please call us again. Goodbye.",
        },
        "voicemail_message": (
            "Hello, this is Vox Parcels. We will try to reach you again later. You can also call us. Goodbye."
        ),
        "pre_transfer_message": "I am connecting you to a colleague now.",
        "apology_message": "I am sorry, something went wrong on our side. Please call us again later. Goodbye.",
        "builtin_tools": {
            "end_call": {
                "enabled": True,
                "description": "End the call after the customer said goodbye or needs nothing else.",
            },
            "detected_voicemail": {
                "enabled": True,
                "description": "An answering machine or voicemail picked up instead of a person.",
            },
            "transfer_call": {
                "enabled": True,
                "description": "Connect the customer to a colleague when they ask for a person.",
            },
            "collect_digits": {
                "enabled": True,
                "description": "Let the customer type digits on the keypad, for example a PIN.",
            },
        },
        "transfer_targets": [
            {
                "id": "customer_service",
                "label": "Customer service",
                "method": "websocket_reverse_transfer",
                "type": "extension",
                "value": "2001",
                "is_default": True,
            }
        ],
        "custom_tools": [
            {
                "name": "check_order",
                "description": "Call it when the customer asks where an order is and has told the order number.",
                "has_api": False,
                "parameters": [
                    {
                        "name": "order_id",
                        "type": "string",
                        "description": "The order number, digits only.",
                        "required": True,
                    }
                ],
                "guidance": {"missing_info": "Ask for the order number."},
            }
        ],
        "post_call_analysis_prompt": _ANALYSIS_PROMPT,
        "qc_prompt": _QC_PROMPT,
    }
