"""Delete everything that a stack knows."""

import shutil
from pathlib import Path

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.operations.stack.down import take_down


def reset(settings: Settings) -> None:
    """Take the stack down and delete its folders; other files in the home stay.

    Raises CommandFailed when something cannot be deleted.
    """
    layout = settings.layout
    take_down(settings)
    if not layout.marker.exists():  # never made, and maybe a folder with other things
        return
    if layout.metrics.is_symlink():
        _delete(layout.metrics_in_memory)
    for folder in (
        layout.data,
        layout.configuration,
        layout.logs,
        layout.run,
        layout.secrets,
        layout.certificates,
        layout.evidence,
        layout.recovery,
        layout.repository,
        layout.spool,
        layout.scratch,
    ):
        _delete(folder)
    layout.marker.unlink()
    if layout.home.is_dir() and not any(layout.home.iterdir()):
        layout.home.rmdir()


def _delete(folder: Path) -> None:
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as refusal:
        raise CommandFailed(f"{folder} cannot be deleted: {refusal.strerror}") from refusal
