"""Code that reads what strangers wrote takes nobody down."""

from collections.abc import Iterator

import pytest

from howdah.foundation.queue.isolation import CallFailed, IsolatedCalls
from howdah.product.transfers.archives import ArchiveFile
from howdah.product.transfers.conversion import DEFAULT_LIMITS, Converted, Skipped
from howdah.product.transfers.import_files import converted_batches
from tests.jobs.isolated_functions import convert_or_crash, double, misbehave

MEMORY_BYTES = 512 * 1024 * 1024


def test_calls_are_answered_one_after_the_other() -> None:
    with IsolatedCalls(double, timeout_seconds=30, memory_bytes=MEMORY_BYTES) as calls:
        for number in range(3):
            calls.submit(number)
            assert calls.result() == 2 * number


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("hang", "It took longer than 1 s."),
        ("crash", "It crashed, or needed more memory than it may have."),
        ("eat", r"It failed \(MemoryError\)."),
        ("raise", r"It failed \(ValueError\)."),
    ],
)
def test_a_call_that_does_not_come_back_is_told_and_the_next_one_works(
    how: str, sentence: str
) -> None:
    with IsolatedCalls(misbehave, timeout_seconds=30, memory_bytes=MEMORY_BYTES) as calls:
        calls.submit("well")
        assert calls.result() == "well"
        calls._timeout_seconds = 1
        calls.submit(how)
        with pytest.raises(CallFailed, match=sentence):
            calls.result()
        calls._timeout_seconds = 30
        calls.submit("well")
        assert calls.result() == "well"


class Files:
    """A source that is in memory."""

    def __init__(self, *files: ArchiveFile | Skipped):
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    def read(self, start: int = 0) -> Iterator[ArchiveFile | Skipped]:
        return iter(self._files[start:])


def test_only_the_file_at_fault_is_skipped_and_the_job_goes_on() -> None:
    files = [ArchiveFile(path, b"# One\n") for path in ("a.md", "crash", "b.md")]
    with IsolatedCalls(convert_or_crash, timeout_seconds=30, memory_bytes=2**31) as calls:
        (batch,) = converted_batches(Files(*files), 0, calls, DEFAULT_LIMITS)
    assert (batch.first, batch.last) == (0, 3)
    assert [type(file) for file in batch.files] == [Converted, Skipped, Converted]
    assert batch.files[1] == Skipped(
        "crash", "Reading it failed. It crashed, or needed more memory than it may have."
    )
