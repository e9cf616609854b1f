"""What readers saw while a replica was away."""

from howdah.operations.drills.ledger import Gap
from howdah.operations.drills.readers import Read, Reads


def _reads(*items: Read) -> Reads:
    reads = Reads()
    for item in items:
        reads.add(item)
    return reads


def test_the_outage_of_reads_ignores_those_that_failed() -> None:
    reads = _reads(Read(1.0, "r"), Read(1.5, failure="503"), Read(2.5, "p"))
    assert reads.outage(since=1.2) == Gap(1.0, 2.5)
    assert reads.failures(since=1.2) == {"503": 1}


def test_who_served_is_counted_by_member() -> None:
    reads = _reads(Read(1.0, "r"), Read(2.0, "p"), Read(3.0, "r"))
    assert reads.served_by() == {"r": 2, "p": 1}
    assert reads.first_by("r", since=1.5) == 3.0
    assert reads.first_by("x", since=0.0) is None
