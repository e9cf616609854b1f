from howdah.operations.cluster.lock import described


def test_the_holder_is_named() -> None:
    note = (
        '{"operation": "switchover", "user": "ada", "host": "db1", "pid": 7, '
        '"since": "03:04:05 UTC"}'
    )
    assert described(note) == "switchover by ada on db1 (process 7) since 03:04:05 UTC"


def test_a_note_of_another_version_is_shown_as_it_is() -> None:
    assert described("held") == "held"
