"""A command beside this process that notices when we are gone, however we ended.

It holds the reading end of a pipe; we alone hold the other, so that its end means our end. Also
after `kill -9`.
"""

import contextlib
import select
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO, Self

from howdah.foundation.errors import CommandFailed

READY, DONE = b"ready\n", b"done\n"
START_SECONDS = 20.0


class Companion:
    """Use with `with`: it is there before the block begins, and told when it is done."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]):
        self._process = subprocess.Popen(  # noqa: S603  (commands are ours, never a user's text)
            command,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C on our terminal is not for it
        )

    def __enter__(self) -> Self:
        """Wait until it says that it is ready. Raises CommandFailed."""
        output = self._process.stdout
        assert output is not None
        if not select.select([output], [], [], START_SECONDS)[0] or output.readline() != READY:
            self._process.kill()
            said = self._process.communicate()[1].decode(errors="replace").strip()
            reason = said.splitlines()[-1] if said else "it said nothing"
            raise CommandFailed(f"the process that watches over this one did not start: {reason}")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Tell it that it is not needed; when the block failed it does its work all the same."""
        with self._process as process, contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None
            process.stdin.write(DONE if kind is None else b"")


def abandoned(commands: IO[bytes], patience_seconds: float) -> bool:
    """For the companion itself: wait for the end of the one that started it.

    True when that ended without a word, or took longer than `patience_seconds`.
    """
    ready, _, _ = select.select([commands], [], [], patience_seconds)
    return not ready or commands.readline() != DONE
