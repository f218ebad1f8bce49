"""Every minute: uploads that nobody works on any more."""

from voxbridge.contacts.upload import fail_silent_loads
from voxbridge.context import Context
from voxbridge.jobs import Job


def jobs(ctx: Context) -> list[Job]:
    return [Job("contacts.silent_loads", 60, leader=True, run=lambda: fail_silent_loads(ctx))]
