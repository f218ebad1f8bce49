"""The demo carrier: voxphone, the simulated network of the stack, with one number that the demo bot answers."""

from __future__ import annotations

from voxkit.errors import Conflict, VoxError
from voxkit.log import get_logger

from voxbridge.actors import Actor
from voxbridge.audit.service import Author
from voxbridge.bots.demo import DEMO_BOT_ID
from voxbridge.carriers import service, store
from voxbridge.carriers.models import CarrierCreate, CarrierUpdate
from voxbridge.context import Context

CARRIER_ID, NAME, NUMBER = "demo", "voxphone", "+15550199"
log = get_logger("voxbridge.carriers")


async def seed(ctx: Context) -> None:
    """Make it unless it exists; one that exists follows the stack's address and token, the rest of it is left alone.

    Nothing without VOXPHONE_URL and VOXPHONE_API_TOKEN. A refusal is logged: the demo must not keep voxbridge down.
    """
    settings, author = ctx.settings, Author(Actor("system"), "")
    if not settings.voxphone_url or not settings.voxphone_api_token:
        return
    rest = {
        "adapter": "voxphone", "base_url": settings.voxphone_url, "account_sid": settings.voxphone_account,
        "api_key": settings.voxphone_api_key, "api_token": settings.voxphone_api_token,
    }  # fmt: skip
    try:
        if await store.find(ctx, CARRIER_ID) is None:
            did = {"number": NUMBER, "label": "demo", "direction": "both", "bot_id": DEMO_BOT_ID}
            body = {
                "name": NAME, "originate": "websocket_carrier", "rest": rest, "outbound_cps": 5, "outbound_burst": 5,
                "outbound_channels": 50, "dids": [did],
            }  # fmt: skip
            await service.create(ctx, author, CarrierCreate.model_validate(body), carrier_id=CARRIER_ID)
        elif (await service.credentials(ctx, CARRIER_ID)).model_dump(exclude={"flow_url"}) != rest:
            await service.update(ctx, author, CARRIER_ID, CarrierUpdate.model_validate({"rest": rest}))
    except Conflict as refusal:  # another process was faster, or people have a carrier of that name or number
        log.info("carrier.demo_not_made", code=refusal.wire_code, reason=refusal.message)
    except VoxError as refusal:
        log.warning("carrier.demo_not_made", code=refusal.wire_code, reason=refusal.message)
