"""Does an image of a release hold what its program needs? Run closed, as hosts run it, without a network."""

from __future__ import annotations

import subprocess

from voxctl.images.build import Built
from voxctl.output import CommandError

WITHIN_S = 120
CLOSED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges:true", "--network=none", "--tmpfs=/tmp")
# Everything that the program imports when it starts; its settings are not read.
IMPORTS = "import importlib.metadata as m; m.entry_points(group='console_scripts', name=%r)[%r].load(); print('ok')"
# It serves until it is stopped (124, of a small timeout 143); a wrong configuration ends it at once.
SERVES = "timeout 2 /usr/share/vox/start.sh; code=$?; [ $code = 124 ] || [ $code = 143 ] && echo ok"


def self_test(built: Built) -> None:
    """Raises: CommandError with the image's last words."""
    if built.name == "voxui":
        command = ["--entrypoint=sh", built.tag, "-c", SERVES]
    else:
        program = "vox" if built.name == "voxctl" else built.name
        command = ["--entrypoint=python", built.tag, "-c", IMPORTS % (program, program)]
    try:
        done = subprocess.run(
            ["docker", "run", "--rm", *CLOSED, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"{built.tag} fails its self-test: no answer within {WITHIN_S} s") from None
    said = done.stdout.strip()
    if done.returncode or not said.endswith("ok"):
        raise CommandError(f"{built.tag} fails its self-test:\n" + "\n".join(said.splitlines()[-20:]))
