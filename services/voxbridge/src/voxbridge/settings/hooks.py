"""At start: the document. Every hour: secrets under the first key."""

from voxbridge.context import Context
from voxbridge.jobs import Job
from voxbridge.settings import service


async def on_start(ctx: Context) -> None:
    await service.make_document(ctx)


def jobs(ctx: Context) -> list[Job]:
    return [Job("settings.reencrypt", 3600, leader=True, run=lambda: service.reencrypt(ctx))]
