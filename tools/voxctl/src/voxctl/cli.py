"""The `vox` command line: names, help and exit codes. What a command does stands in `voxctl.commands`."""

from __future__ import annotations

import os
import sys

from cyclopts import App, CycloptsError
from voxkit.errors import ConfigurationError, VoxError

from voxctl.commands.audit import audit
from voxctl.commands.backup import backup, restore
from voxctl.commands.bench import bench
from voxctl.commands.call import call
from voxctl.commands.campaign import campaign
from voxctl.commands.deploy import deploy, plan, rollback, status
from voxctl.commands.doctor import doctor
from voxctl.commands.fleet import fleet
from voxctl.commands.fleet_register import register
from voxctl.commands.host import host
from voxctl.commands.host_life import retire
from voxctl.commands.host_life import seats as host_seats
from voxctl.commands.host_up import up as host_up
from voxctl.commands.images import images
from voxctl.commands.images_scan import scan_images
from voxctl.commands.ingress import ingress
from voxctl.commands.init import init
from voxctl.commands.lock import lock
from voxctl.commands.observe import observe
from voxctl.commands.release import release
from voxctl.commands.remote import execute, logs
from voxctl.commands.seat import seat
from voxctl.commands.seats import seats
from voxctl.commands.secrets import secrets
from voxctl.commands.sim import sim
from voxctl.commands.smoke import smoke
from voxctl.commands.up import up
from voxctl.output import EXIT_FAILED, EXIT_PREFLIGHT, EXIT_USAGE, CommandError, Output

INTERRUPTED = 130

app = App(name="vox", help="Vox: a self-hosted platform for AI phone calls.", version_flags=["--version"])
for command in (init, up, call, smoke, doctor, seats, bench, sim, plan, deploy, rollback, status):
    app.command(command)
fleet.command(register)
app.command(fleet)
app.command(campaign)
images.command(scan_images, name="scan")
app.command(images)
app.command(release)
host.command(host_up, name="up")
host.command(host_seats, name="seats")
host.command(retire)
app.command(host)
app.command(observe)
app.command(backup)
app.command(restore)
app.command(ingress)
app.command(logs)
app.command(execute, name="exec")
app.command(lock)
app.command(audit)
app.command(secrets)
app.command(seat)


def main() -> None:
    """Entry point of the console script `vox`."""
    output = Output(as_json="--json" in sys.argv[1:])
    try:
        # The command's own return value is the exit code.
        code = app(result_action="return_value", exit_on_error=False)
    except CycloptsError:
        code = EXIT_USAGE  # the message is printed already
    except CommandError as error:
        output.error(str(error))
        code = error.exit_code
    except ConfigurationError as error:
        output.error(str(error))
        code = EXIT_PREFLIGHT
    except VoxError as error:
        # A service refused or gave no answer: its text says which, and what that means.
        output.error(str(error))
        code = EXIT_FAILED
    except BrokenPipeError:
        # The reader has left (`vox doctor | head`); without this, Python complains again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)
