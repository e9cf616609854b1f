"""What a drill broke and owes to put right: written down before it is broken.

The list is a file of the home, so that a drill that was killed is healed by the next `drill run`
or `up`. Each repair may be done twice without harm.
"""

import fcntl
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from howdah.foundation.errors import Conflict, HowdahError
from howdah.foundation.layout import Layout
from howdah.foundation.processes import networks
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.drills import damage, faults, loss
from howdah.operations.drills.tenant import remove_tenant

THAW, MEND, START, REMOVE = "thaw", "mend", "start", "remove"
OPEN, REKEY, RETURN = "open", "rekey", "return"
RECOVER, DISCARD, DROP = "recover", "discard", "drop"
WORDS = {
    THAW: "continue {}",
    MEND: "connect zone {} again",
    START: "start {} again",
    REMOVE: "remove the organization {}",
    OPEN: "open the {} again",
    REKEY: "give {} its passphrase again",
    RETURN: "put {} back into the archive",
    RECOVER: "bring the {} back",
    DISCARD: "discard the {} copy",
    DROP: "drop the table {}",
}
ORDER = (THAW, MEND, OPEN, REKEY, RETURN, RECOVER, START, DISCARD, DROP, REMOVE)
"""Tables and the organization go last: that needs a primary."""
HELD = (THAW, MEND, OPEN, REKEY, RETURN, RECOVER)
"""What would keep `up` waiting or mislead it; it starts what was stopped by itself."""


@dataclass(frozen=True)
class Repair:
    """One thing to put right: a member to thaw, a zone to mend, a program to start, …"""

    kind: str
    target: str

    def __str__(self) -> str:
        return WORDS[self.kind].format(self.target)


def _mend(settings: Settings, zone: str) -> None:
    # Without a supervisor the whole stack is down, and the next `up` makes the networks anew.
    if _stack_runs(settings):
        networks.mend(settings.topology, zone)


def _start(settings: Settings, program: str) -> None:
    # As above: `up` starts everything.
    if _stack_runs(settings):
        faults.start(settings, program)


def _stack_runs(settings: Settings) -> bool:
    return Supervisor(settings.layout.supervisor_socket).answers()


PERFORM: Mapping[str, Callable[[Settings, str], None]] = MappingProxyType(
    {
        THAW: faults.thaw,
        MEND: _mend,
        START: _start,
        REMOVE: remove_tenant,
        OPEN: damage.open_repository,
        REKEY: damage.mend_passphrase,
        RETURN: damage.put_segment_back,
        RECOVER: loss.end_loss,
        DISCARD: damage.discard_copy,
        DROP: damage.remove_table,
    }
)


class Repairs:
    """The list of one home; the drill that holds it holds the lock too."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._file = _file(settings.layout)

    @property
    def owed(self) -> list[Repair]:
        """What is to be put right, in the order of doing it."""
        if not self._file.exists():
            return []
        listed = [Repair(**item) for item in json.loads(self._file.read_text(encoding="utf-8"))]
        return sorted(listed, key=lambda repair: ORDER.index(repair.kind))

    def owe(self, *repairs: Repair) -> None:
        """Write down what is about to be broken."""
        self._keep([*self.owed, *(item for item in repairs if item not in self.owed)])

    def settle(self, *kinds: str) -> list[str]:
        """Put right what is owed (of these kinds, all when none is named).

        Returns a sentence for each repair that failed; those stay on the list.
        """
        failures, left = [], []
        for repair in self.owed:
            if kinds and repair.kind not in kinds:
                left.append(repair)
                continue
            try:
                PERFORM[repair.kind](self._settings, repair.target)
            except HowdahError as failure:
                failures.append(f"could not {repair}: {failure.message}")
                left.append(repair)
        self._keep(left)
        return failures

    def _keep(self, repairs: list[Repair]) -> None:
        if not repairs:
            self._file.unlink(missing_ok=True)
            return
        partial = self._file.with_suffix(".partial")
        listed = [{"kind": repair.kind, "target": repair.target} for repair in repairs]
        with partial.open("w", encoding="utf-8") as file:
            json.dump(listed, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._file)


def heal_leftovers(settings: Settings, *kinds: str) -> list[str]:
    """Put right what a killed drill left broken; nothing while a drill is under way.

    Returns a sentence for each repair that failed.
    """
    if not _file(settings.layout).exists():
        return []
    try:
        with only_drill(settings.layout):
            return Repairs(settings).settle(*kinds)
    except Conflict:
        return []


@contextmanager
def only_drill(layout: Layout) -> Iterator[None]:
    """One drill at a time. Raises Conflict; the lock goes with the process, however it ends."""
    with (layout.run / "drill.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "another drill is under way on this stack", hint="wait until it has ended"
            ) from None
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Interrupts wait outside while something is put right."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def _file(layout: Layout) -> Path:
    return layout.run / "drill-repairs.json"
