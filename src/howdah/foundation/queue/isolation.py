"""Calls of a pure function in a process of its own, bounded in time and memory.

For code that reads what strangers wrote: a parser that hangs, crashes or eats the memory takes
its process with it and not the worker. As it runs beside the caller, it doubles the speed too.
"""

import ctypes
import multiprocessing
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from howdah.foundation.errors import HowdahError

Argument = TypeVar("Argument")
Result = TypeVar("Result")

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class CallFailed(HowdahError):
    """The call did not come back."""


@dataclass(frozen=True)
class _Raised:
    """The function raised; tracebacks do not travel."""

    kind: str


class IsolatedCalls(Generic[Argument, Result]):
    """One process that answers one call after the other. Use as a context manager.

    `function` is a module's function; it and its arguments are pickled.
    """

    def __init__(
        self,
        function: Callable[[Argument], Result],
        *,
        timeout_seconds: float,
        memory_bytes: int,
    ):
        self._function = function
        self._timeout_seconds = timeout_seconds
        self._memory_bytes = memory_bytes
        self._child: BaseProcess | None = None
        self._pipe: Connection[Any, Any] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def submit(self, argument: Argument) -> None:
        """Begin a call; collect its result before the next."""
        if self._child is None:
            self._start()
        assert self._pipe is not None
        try:
            self._pipe.send(argument)
        except BrokenPipeError:
            return  # it died before it began; result() says so

    def result(self) -> Result:
        """Wait for the call's answer.

        Raises CallFailed when it took too long, crashed or raised; the next call starts afresh.
        """
        assert self._pipe is not None
        if not self._pipe.poll(self._timeout_seconds):
            self._end()
            raise CallFailed(f"It took longer than {self._timeout_seconds:g} s.")
        try:
            answer = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            self._end()
            raise CallFailed("It crashed, or needed more memory than it may have.") from None
        if isinstance(answer, _Raised):
            raise CallFailed(f"It failed ({answer.kind}).")
        return answer  # type: ignore[no-any-return]  # what the function returned

    def _start(self) -> None:
        # Spawned, not forked: the caller has threads (connection pools) that a fork would lose.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._child = context.Process(
            target=_serve, args=(self._function, theirs, self._memory_bytes), daemon=True
        )
        self._child.start()
        theirs.close()

    def _end(self) -> None:
        if self._child is not None and self._pipe is not None:
            self._pipe.close()
            self._child.kill()
            self._child.join()
            self._child.close()
        self._child = self._pipe = None


def _serve(function: Callable[[Any], Any], pipe: "Connection[Any, Any]", memory_bytes: int) -> None:
    """The process: answer until the other side is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # also when the other is killed
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            argument = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(function, argument))


def _answer(function: Callable[[Any], Any], argument: Any) -> Any:
    try:
        return function(argument)
    except Exception as failure:  # noqa: BLE001  (it is not swallowed: it travels to the caller)
        return _Raised(type(failure).__name__)
