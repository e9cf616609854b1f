"""Restored copies of the database beside the running one, for drills that look into the past."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from howdah.operations.drills.damage import copy_folder
from howdah.operations.drills.repairs import DISCARD
from howdah.operations.drills.scene import Scene
from howdah.operations.drills.tenant import written_there
from howdah.operations.restores.clone import CloneServer, connect_clone
from howdah.operations.restores.folder import RestoreFolder
from howdah.operations.restores.into import RestorePlan, restore_into
from howdah.operations.restores.report import RestoreReport
from howdah.operations.restores.target import Target
from howdah.operations.roles.connect import Connection

RESTORED = "restored"
HAS_TABLE = "SELECT to_regclass(%s) IS NOT NULL"


@dataclass(frozen=True)
class Copy:
    """A restored database that runs; `report` says where its recovery ended."""

    scene: Scene
    report: RestoreReport

    def written(self) -> Mapping[str, int]:
        """What the drill's organization holds there: title → documents."""
        with self._connection() as connection:
            return written_there(connection, self.scene.slug)

    def has_table(self, name: str) -> bool:
        """Whether that table is there."""
        with self._connection() as connection:
            return connection.execute(HAS_TABLE, (name,)).fetchone() == (True,)

    def _connection(self) -> Connection:
        settings = self.scene.settings
        server = CloneServer(RestoreFolder(copy_folder(settings)), self.report.port)
        return connect_clone(server, settings.topology.postgresql.database)


@contextmanager
def restored(scene: Scene, target: Target) -> Iterator[Copy]:
    """A copy at that place, which runs while the block does. Raises what a restore raises."""
    report = restore_copy(scene, target)
    scene.timeline.note(f"a copy is restored to {target} ({report.total_seconds:.1f} s)")
    yield Copy(scene, report)
    scene.put_right(DISCARD)


def restore_copy(scene: Scene, target: Target) -> RestoreReport:
    """Restore into the drill's own folder, and leave the server running there."""
    scene.will_owe(DISCARD, RESTORED)
    folder = copy_folder(scene.settings)
    plan = RestorePlan(target, folder, start=True, again=True, within_home=True)
    return restore_into(scene.settings, plan, scene.timeline.note)


def judge_boundary(scene: Scene, copy: Copy, before: float, after: float, what: str) -> None:
    """The copy holds what was acknowledged before that moment, and nothing begun after it.

    `before` and `after`: the moment lies between them, on the drill's clock.
    """
    found = scene.ledger.boundary(copy.written(), before, after)
    scene.figures |= {
        f"documents_restored: {what}": found.kept,
        f"missing: {what}": len(found.missing),
        f"too_late: {what}": len(found.too_late),
        f"under_way: {what}": found.between,
        f"restore_seconds: {what}": round(copy.report.total_seconds, 2),
    }
    scene.verdict.judge(
        f"a restore to {what} holds what was acknowledged before, and nothing begun after",
        found.exact,
        f"{found.kept} documents there, {len(found.missing)} missing, {len(found.too_late)} too "
        f"late; {found.between} were under way",
    )
