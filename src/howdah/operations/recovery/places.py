"""Where a restore lies before and after it takes the place of the live data. Pure: paths only."""

from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.pgbackrest import SINGLE
from howdah.foundation.topology import Topology
from howdah.operations.cluster.choosing import known


@dataclass(frozen=True)
class Place:
    """The server that is restored into: its node's name and its data directory."""

    node: str
    live: Path
    log: Path
    """What servers of the restore log that do not serve yet."""
    sockets: Path
    """Where only we reach them."""

    @property
    def staging(self) -> Path:
        """The restore until it takes the place of the live data; on the same file system."""
        return self.live.with_name(f"{self.live.name}.restored")

    def set_aside(self, moment: str) -> Path:
        """Where what was live goes."""
        return self.live.with_name(f"{self.live.name}.before-{moment}")


def place_of(topology: Topology, layout: Layout, member: str | None = None) -> Place:
    """Of a single server, or of a member that may lead: the one that is named, else configured.

    Raises NotFound for a member that there is not.
    """
    log, sockets = layout.logs / "recovery.log", layout.run / "recovery"
    if not topology.clustered:
        return Place(SINGLE, layout.postgresql_data, log, sockets)
    candidates = [item for item in topology.members if item.candidate]
    first = next(item for item in candidates if item.role == "primary")
    chosen = known(candidates, member) if member else first
    return Place(chosen.name, layout.member_data(chosen.name), log, sockets)
