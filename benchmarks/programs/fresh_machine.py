"""How long `./howdah up` takes on a fresh Debian 12, from nothing but a shell and git.

The machine is a new root file system made by debootstrap, in name spaces of its own for processes
and mounts; kernel, cores and network are those of the machine that measures. As root only.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import CHECKOUT

SUMMARY = "./howdah up on a fresh Debian 12, as root and as a user with sudo"
NEEDS = None  # a machine of its own

PORT_DISTANCE = 300
INCLUDED = "ca-certificates,git,sudo"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
LONGEST_SECONDS = 1200
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")

INSIDE = """
set -eu
mount --bind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/dev/shm"
mount -t proc proc "$1/proc"
mount -t sysfs sys "$1/sys"
exec chroot "$1" su - "$2" -c "$3"
"""
MAIN_JOB = """
set -eu
cd {folder}
export {variables}
now() {{ date +%s.%N; }}
start=$(now)
./howdah up >up.txt 2>&1 || {{ cat up.txt >&2; exit 1; }}
first=$(now)
./howdah up >again.txt 2>&1 || {{ cat again.txt >&2; exit 1; }}
again=$(now)
./howdah document import /usr/share/doc/postgresql-doc-15/html --org acme >import.txt 2>&1 ||
    {{ cat import.txt >&2; exit 1; }}
./howdah document search 'point-in-time recovery' --org acme >hits.txt
grep -q . hits.txt
./howdah status >status.txt || {{ cat status.txt >&2; exit 1; }}
./howdah down >/dev/null 2>&1
echo "$start $first $again"
"""


def run(workspace: Workspace) -> Report:
    """Each kind of user on a machine of its own; the main job has to work there."""
    _require(os.geteuid() == 0, "a machine of its own can be made by root only", "run it as root")
    _require((CHECKOUT / ".git").exists(), "there is no git repository to clone", "use a checkout")
    folder = workspace.folder / "machines"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        blank = _make_machine(folder / "blank", workspace.say)
        found = {user: _measure(workspace, blank, user) for user in ("root", "newcomer")}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    titles = {"root": "as root", "newcomer": "as a user with sudo"}
    return Report(
        name="fresh-machine",
        title="`./howdah up` on a fresh Debian 12",
        columns=("who", "first up, s", "second up, s"),
        rows=[(titles[user], *times) for user, times in found.items()],
        promises=[
            Promise(f"first up {titles[user]}", times[0], 180, unit=" s")
            for user, times in found.items()
        ],
        notes=[
            "A root file system by debootstrap with ca-certificates, git and sudo; packages come "
            "from Debian and PyPI, so the network counts. After it the manual was imported and "
            "searched there, and every service served. There is no systemd in it: that Debian's "
            "own services are kept from starting is seen, that they are disabled is not.",
        ],
    )


def _require(holds: bool, problem: str, hint: str) -> None:
    if not holds:
        raise CommandFailed(problem, hint=hint)


def _make_machine(root: Path, say: Callable[[str], None]) -> Path:
    """A Debian 12 that has nothing but a shell and git, and a user who may use sudo."""
    if shutil.which("debootstrap") is None:
        say("installing debootstrap")
        _run("apt-get", "-y", "-q", "install", "--no-install-recommends", "debootstrap")
    say("making a fresh Debian 12")
    root.parent.mkdir(parents=True)
    _run("debootstrap", "--variant=minbase", f"--include={INCLUDED}", "bookworm", str(root))
    # Whoever measures behind a proxy trusts its authority; the new machine must too.
    shutil.copy(AUTHORITIES, root / AUTHORITIES.relative_to("/"))
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    _run("chroot", str(root), "useradd", "--create-home", "--shell", "/bin/bash", "newcomer")
    rule = root / "etc/sudoers.d/newcomer"
    rule.write_text("newcomer ALL=(ALL) NOPASSWD: ALL\n")
    rule.chmod(0o440)
    return root


def _measure(workspace: Workspace, blank: Path, user: str) -> tuple[float, float]:
    """Seconds of the first and the second `up` of that user, on a copy of the blank machine."""
    workspace.say(f"fresh machine: {user}")
    machine = blank.with_name(user)
    _run("cp", "-a", str(blank), str(machine))
    home = Path("/root" if user == "root" else f"/home/{user}")
    clone = machine / home.relative_to("/") / "howdah"
    _run("git", "clone", "-q", "--no-hardlinks", str(CHECKOUT), str(clone))
    _run("chroot", str(machine), "chown", "-R", f"{user}:{user}", str(home / "howdah"))
    base = workspace.settings.topology.ports.base + PORT_DISTANCE
    variables = [f"HOWDAH_PORTS__BASE={base}"]
    variables += [f"{name}={AUTHORITIES}" for name in CERTIFICATE_VARIABLES]
    script = MAIN_JOB.format(folder=home / "howdah", variables=" ".join(variables))
    said = _run(
        "unshare", "--mount", "--pid", "--fork", "--kill-child",
        "sh", "-c", INSIDE, "sh", str(machine), user, script,
    )  # fmt: skip
    start, first, again = (float(word) for word in said.split()[-3:])
    return first - start, again - first


def _run(*command: str) -> str:
    """What it printed. Raises CommandFailed with its last lines."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS
    )
    if done.returncode != 0:
        tail = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise CommandFailed(f"{command[0]} failed:\n  {tail}")
    return done.stdout
