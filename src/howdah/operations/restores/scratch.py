"""Places for restores that are only looked at: below the home, and deleted afterwards."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.accounts import POSTGRESQL, own
from howdah.foundation.settings import Settings
from howdah.operations.restores import clone
from howdah.operations.restores.folder import RestoreFolder, read_note


@contextmanager
def scratch_folder(settings: Settings, place: str, title: str) -> Iterator[RestoreFolder]:
    """The place of that name, for `title`; one at a time.

    Deleted afterwards, with whatever server runs in it; what a killed command left there is deleted
    before. Raises CommandFailed while another one is at work in it.
    """
    folder = RestoreFolder(settings.layout.scratch / place)
    note = read_note(folder)
    if note and note.at_work:
        raise CommandFailed(
            f"another {title} runs in {folder.path}", hint="wait until it has ended"
        )
    settings.layout.scratch.mkdir(exist_ok=True)
    own(settings.layout.scratch, POSTGRESQL, 0o700)
    _discard(folder)
    try:
        yield folder
    finally:
        _discard(folder)


def _discard(folder: RestoreFolder) -> None:
    clone.stop(clone.CloneServer(folder, 0), "immediate")
    if folder.path.exists():
        shutil.rmtree(folder.path)
