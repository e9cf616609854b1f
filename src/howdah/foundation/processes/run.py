"""Run a command and wait for it."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from howdah.foundation.errors import CommandFailed

TAIL_LINES = 15


class ProcessFailed(CommandFailed):
    """A command ended with an error."""


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout_seconds: float = 300,
    done: Sequence[int] = (0,),
) -> str:
    """The command's standard output. `env` replaces the environment when given.

    `done` are the exit codes with which it did its work. Raises ProcessFailed with the last lines
    it printed.
    """
    try:
        finished = subprocess.run(  # noqa: S603  (commands are ours, never a user's text)
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError:
        raise ProcessFailed(
            f"the program {command[0]!r} is not installed",
            hint="run `./howdah up` from the checkout: the script installs what is missing",
        ) from None
    except subprocess.TimeoutExpired:
        raise ProcessFailed(
            f"{command[0]} did not end within {timeout_seconds:g} s and was stopped"
        ) from None
    if finished.returncode not in done:
        said = (finished.stderr or finished.stdout).strip().splitlines()[-TAIL_LINES:]
        lines = "".join(f"\n  {line}" for line in said)
        raise ProcessFailed(
            f"{command[0]} ended with exit code {finished.returncode}:{lines}",
            exit_code=finished.returncode,
        )
    return finished.stdout


def attend(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> int:
    """Run a command on the caller's own terminal; returns its exit code.

    Interrupting or terminating the caller interrupts the command, which may then tidy up.
    """
    with subprocess.Popen(command, cwd=cwd, env=env) as process:  # noqa: S603  (as above)
        before = signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
        try:
            return _wait(process)
        finally:
            signal.signal(signal.SIGTERM, before)


def _wait(process: "subprocess.Popen[bytes]") -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the terminal sent it to the child too: let it finish
            continue
