"""Hosts as an operator has them: each with a network of its own, a real sshd, a real Docker engine, its own disk.

A host is a process tree in namespaces of its own (network, mounts, processes, name), so it is switched off by the end
of one process, and nothing is left: no container, no interface, no mount. Hosts reach each other and the test through
a switch that is a namespace as well; nothing of this machine changes but one interface, which ends with the switch.

with lab(folder, ["fleet1", "fleet2"]) as machines:
    machines["fleet1"].docker("ps")          # as root, there
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import compose
import pytest
from voxctl.yamlfile import dump_yaml

NEEDS = ("unshare", "nsenter", "setpriv", "sshd", "ssh-keygen", "dockerd", "mkfs.ext4", "iptables", "ip")
PLUGIN = Path(compose.__file__).parent / "docker-compose"
START_WITHIN_S = 60.0
USER, USER_ID, VOX_GROUP = "vox", 10_002, 10_001
DISK_GIB = 40
"""Of each host, in a sparse file: it takes what is written into it."""

INIT = r"""
set -e
folder=$1 name=$2 cgroup=$3
exec 3>"$folder/up" 4>>"$folder/sshd.log" 5>>"$folder/dockerd.log"
mount --make-rprivate /
mount -o loop "$folder/disk" "$folder/mnt"
cd "$folder/mnt"
mkdir -p lib opt srv/vox etc work tmp
chmod 1777 tmp
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$folder/mnt/etc,workdir=$folder/mnt/work" /etc
mount --bind srv /srv
mount --bind opt /opt
mount --bind lib /var/lib
mount -t proc proc /proc
hostname "$name"
ip link set lo up
if [ ! -e /var/lib/sandbox ]; then
    echo "vox:x:10002:10002::/srv/vox:/bin/sh" >>/etc/passwd
    echo "vox:*:19000:0:99999:7:::" >>/etc/shadow
    printf 'vox:x:10001:vox\nvoxuser:x:10002:\n' >>/etc/group
    sed -i 's/^docker:\(.*\):[^:]*$/docker:\1:vox/' /etc/group
    mkdir -p /etc/docker /var/lib/docker /var/lib/ssh /srv/vox/.ssh /srv/vox/.docker/cli-plugins
    cp "$folder/given/daemon.json" /etc/docker/daemon.json
    cp "$folder/given/authorized_keys" /srv/vox/.ssh/authorized_keys
    install -m 600 "$folder/given/host_key" /var/lib/ssh/host_key
    cp "$folder/given/docker-compose" /var/lib/docker-compose
    ln -s /var/lib/docker-compose /srv/vox/.docker/cli-plugins/docker-compose
    sh -e "$folder/given/setup"
    chown -R 10002:10002 /srv/vox
    install -m 755 "$folder/given/sandbox" /var/lib/sandbox
fi
mount --bind tmp /tmp
cd /
/usr/sbin/sshd -D -e -f /dev/null -h /var/lib/ssh/host_key -o PasswordAuthentication=no >&4 2>&4 3>&- &
dockerd --add-runtime sandbox=/var/lib/sandbox --default-runtime sandbox --cgroup-parent "/$cgroup" >&5 2>&5 3>&- &
echo up >&3
exec 3>&-
while :; do wait; sleep 0.2; done
"""
# An engine in a sandbox cannot raise its own limit of open files: containers that ask for more get all there are.
RUNTIME = r"""#!/bin/sh
lower() { sed -i 's/\("hard":\|"soft":\)65536/\1{limit}/g' "$1"; }
previous=
for word in "$@"; do
    case $previous in
        --bundle) lower "$word/config.json" ;;
        -p | --process) lower "$word" ;;
    esac
    previous=$word
done
exec runc "$@"
"""


@dataclass
class Machine:
    """One host. `pid`: its first process, seen from here; 0: it is off."""

    name: str
    address: str
    folder: Path
    lab: Lab
    pid: int = 0
    _own: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def interface(self) -> str:
        return f"h{self.address.rsplit('.', 1)[1]}"

    def power_on(self) -> None:
        """Start it and wait for SSH and Docker; containers that ran come back by their restart policy."""
        up = self.folder / "up"
        up.unlink(missing_ok=True)
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--uts", "--fork"]
        command += ["--kill-child=SIGKILL", "sh", "-c", INIT, "init", str(self.folder), self.name, self.cgroup]
        with (self.folder / "init.log").open("ab") as log:
            self._own = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait(lambda: bool(_children(self._own.pid)) if self._own else False, "its first process")
        self.pid = _children(self._own.pid)[0]
        self.lab.plug(self)
        self._wait(lambda: up.exists() and bool(up.read_text()), "its disks and names")
        self._wait(lambda: self.enter("docker", "info", check=False).returncode == 0, "Docker")

    def power_off(self) -> None:
        """As if somebody pulled the plug: every process of it ends at once. Its disk stays."""
        if self._own is None:
            return
        self._own.kill()
        self._own.wait()
        self._own, self.pid = None, 0
        for group in (
            "memory",
            "cpu",
            "cpuacct",
            "blkio",
            "cpuset",
            "devices",
            "freezer",
            "pids",
            "systemd",
            "unified",
            "",
        ):
            parent = Path("/sys/fs/cgroup") / group / self.cgroup
            for folder in sorted(parent.glob("*/"), reverse=True) if parent.is_dir() else []:
                _rmdir(folder)
            _rmdir(parent)

    @property
    def cgroup(self) -> str:
        return f"voxlab-{self.lab.net}-{self.name}"

    def enter(self, *argv: str, check: bool = True, stdin: bytes = b"", timeout_s: float = 300) -> Any:
        """Run a program there as root. Raises CalledProcessError."""
        done = subprocess.run(
            ["nsenter", "--target", str(self.pid), "--all", "--wdns=/", "--", *argv],
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        if check and done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace")[-2_000:]
            raise RuntimeError(f"{self.name}: {' '.join(argv)[:200]} ended with {done.returncode}: {said}")
        return done

    def sh(self, script: str, *words: str) -> str:
        """A shell script there, as root; what it printed."""
        return self.enter("sh", "-euc", script, "sh", *words).stdout.decode()

    def docker(self, *argv: str, timeout_s: float = 300) -> str:
        return self.enter("docker", *argv, timeout_s=timeout_s).stdout.decode()

    def load(self, *images: str) -> None:
        """Have images of this machine's engine there, without a registry and without SSH."""
        packed = subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE)
        subprocess.run(
            ["nsenter", "--target", str(self.pid), "--all", "--wdns=/", "--", "docker", "load", "--quiet"],
            stdin=packed.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=600,
        )
        assert packed.wait() == 0, f"docker save {images}"

    def unplug(self) -> None:
        """The network cable is out: nothing is refused, nothing arrives."""
        self.lab.switch("link", "set", self.interface, "down")

    def plug_in(self) -> None:
        self.lab.switch("link", "set", self.interface, "up")

    def cut_ssh(self) -> None:
        """End every SSH connection in the middle; new ones are taken."""
        self.sh("pkill -KILL -x -f 'sshd: vox.*' || true")

    def fill_disk(self, leave_mib: int = 0) -> None:
        """Take the space of its disk but for so many MiB; `free_disk` gives it back."""
        self.sh(
            'free=$(df --output=avail -m /var/lib | tail -1); fallocate -l "$((free - $1 - 4))M" /var/lib/filled; '
            '[ "$1" -gt 0 ] || { dd if=/dev/zero of=/var/lib/rest bs=64k 2>/dev/null || true; }',
            str(leave_mib),
        )

    def free_disk(self) -> None:
        self.sh("rm -f /var/lib/filled /var/lib/rest")

    def new_host_key(self) -> None:
        """As after an installation anew: sshd shows another key."""
        self.sh("rm -f /var/lib/ssh/host_key*; ssh-keygen -q -t ed25519 -N '' -f /var/lib/ssh/host_key")
        self.sh("pkill -HUP -x sshd -P 1 || true")

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while not ready():
            ended = self._own is None or self._own.poll() is not None
            if ended or time.monotonic() > deadline:
                logs = "".join(_tail(self.folder / f"{each}.log") for each in ("init", "dockerd", "sshd"))
                raise RuntimeError(f"{self.name} did not start, {what} is missing:\n{logs}")
            time.sleep(0.1)


class Lab(Mapping[str, Machine]):
    """Hosts on one switch. Addresses are 10.89.<net>.x: .1 is the test's own, hosts begin at .11."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder / "key"
        self.known_hosts = folder / "known_hosts"
        self.machines: dict[str, Machine] = {}
        self.net = -1
        self._switch: subprocess.Popen[bytes] | None = None

    def __getitem__(self, name: str) -> Machine:
        return self.machines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.machines)

    def __len__(self) -> int:
        return len(self.machines)

    @property
    def gateway(self) -> str:
        """Where hosts reach what the test offers."""
        return f"10.89.{self.net}.1"

    def open(self) -> None:
        """Make the switch and the way to it."""
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sleep", "infinity"]
        self._switch = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        own = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{self._switch.pid}/ns/net").readlink() == own:
            time.sleep(0.02)
        for net in range(250):
            # Two labs at once get two nets: the kernel makes a name once.
            made = _ip(
                "link", "add", f"voxlab{net}", "type", "veth", "peer", "name", "test", "netns", str(self._switch.pid)
            )
            if made.returncode == 0:
                self.net = net
                break
        else:
            raise RuntimeError(f"no interface can be made: {made.stderr.decode()}")
        self.switch("link", "add", "br0", "type", "bridge")
        for name in ("lo", "br0"):
            self.switch("link", "set", name, "up")
        self.switch("link", "set", "test", "master", "br0")
        self.switch("link", "set", "test", "up")
        _checked("addr", "add", f"{self.gateway}/24", "dev", f"voxlab{self.net}")
        _checked("link", "set", f"voxlab{self.net}", "up")

    def add(self, name: str, *, setup: str = "", daemon: str = '{"live-restore": true}') -> Machine:
        """Install a host and start it. `setup`: a script that runs there once, as root, before SSH and Docker begin."""
        number = 11 + len(self.machines)
        machine = Machine(name, f"10.89.{self.net}.{number}", self.folder / name, self)
        given = machine.folder / "given"
        for part in ("given", "mnt"):
            (machine.folder / part).mkdir(parents=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(given / "host_key")], check=True)
        (given / "daemon.json").write_text(daemon)
        (given / "authorized_keys").write_text(self.key.with_suffix(".pub").read_text())
        (given / "setup").write_text(setup)
        (given / "docker-compose").symlink_to(PLUGIN)
        (given / "sandbox").write_text(RUNTIME.replace("{limit}", str(resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        disk = machine.folder / "disk"
        with disk.open("wb") as file:
            file.truncate(DISK_GIB << 30)
        subprocess.run(
            ["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", str(disk)],
            check=True,
        )
        self.machines[name] = machine
        machine.power_on()
        public = (given / "host_key.pub").read_text().split()[:2]
        with self.known_hosts.open("a") as file:
            file.write(f"{machine.address} {' '.join(public)}\n")
        return machine

    def plug(self, machine: Machine) -> None:
        """Connect a host that has just been started."""
        assert self._switch is not None
        nets = ["netns", str(machine.pid)]
        _ip("link", "del", machine.interface, inside=self._switch.pid)  # the kernel may not be done with the old one
        self.switch("link", "add", machine.interface, "type", "veth", "peer", "name", "eth0", *nets)
        self.switch("link", "set", machine.interface, "master", "br0")
        self.switch("link", "set", machine.interface, "up")
        # Its network card stays the same over a power-off.
        card = f"02:89:00:00:{self.net:02x}:{int(machine.address.rsplit('.', 1)[1]):02x}"
        _checked("link", "set", "eth0", "address", card, inside=machine.pid)
        _checked("addr", "add", f"{machine.address}/24", "dev", "eth0", inside=machine.pid)
        _checked("link", "set", "eth0", "up", inside=machine.pid)
        _checked("route", "add", "default", "via", self.gateway, inside=machine.pid)

    def switch(self, *argv: str) -> None:
        """Run `ip` inside the switch."""
        assert self._switch is not None
        _checked(*argv, inside=self._switch.pid)

    def close(self) -> None:
        """Switch off all of it; interfaces end with their namespace."""
        for machine in self.machines.values():
            machine.power_off()
            (machine.folder / "disk").unlink(missing_ok=True)
        if self._switch is not None:
            self._switch.kill()
            self._switch.wait()

    def inventory(self, path: Path, hosts: Mapping[str, Mapping[str, Any]], **more: Any) -> Path:
        """Write a deploy.yml: `hosts` says of each machine what is not its address."""
        document = {
            "image": "vox/voxcore:dev",
            "balancer_image": "vox-base/haproxy:3.0",
            "ssh": {"user": USER, "known_hosts": str(self.known_hosts), "key": str(self.key), "connect_timeout": 5},
            "hosts": {name: {"address": self[name].address, **told} for name, told in hosts.items()},
            **more,
        }
        path.write_text(dump_yaml(document))
        return path


@contextmanager
def lab(folder: Path, names: Sequence[str] = (), *, setup: str = "") -> Iterator[Lab]:
    """Hosts of these names for as long as the block lasts."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    if missing := [each for each in NEEDS if shutil.which(each, path=path) is None]:
        pytest.fail(
            f"hosts need {', '.join(missing)}: apt-get install openssh-server docker.io iptables iproute2 e2fsprogs"
        )
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.fail("hosts need namespaces: run as root on Linux")
    made = Lab(folder)
    try:
        made.open()
        for name in names:
            made.add(name, setup=setup)
        yield made
    finally:
        made.close()


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _ip(*words: str, inside: int = 0) -> subprocess.CompletedProcess[bytes]:
    """`ip …` here, or in the network of a process."""
    enter = ["nsenter", "--target", str(inside), "--net"] if inside else []
    return subprocess.run([*enter, "ip", *words], capture_output=True, check=False)


def _checked(*words: str, inside: int = 0) -> None:
    done = _ip(*words, inside=inside)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.decode()}")


def _rmdir(folder: Path) -> None:
    with suppress(OSError):  # not there, or the kernel is not done with it
        folder.rmdir()


def _tail(path: Path) -> str:
    return f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}\n" if path.exists() else ""
