"""Events in seconds since the fault."""

from howdah.operations.drills.timeline import Timeline


def test_seconds_count_from_the_fault_and_earlier_events_are_below_zero() -> None:
    reported: list[str] = []
    moments = iter([100.0, 101.0, 103.0, 105.5])
    timeline = Timeline(reported.append, clock=lambda: next(moments))
    timeline.note("clients write")
    timeline.fault("kill -9")
    timeline.note("writes go on")
    assert timeline.as_evidence() == [
        {"seconds": -2.0, "what": "clients write"},
        {"seconds": 0.0, "what": "kill -9"},
        {"seconds": 2.5, "what": "writes go on"},
    ]
    assert reported == ["clients write", "+0.0 s  kill -9", "+2.5 s  writes go on"]


def test_an_event_found_out_later_stands_where_it_happened() -> None:
    timeline = Timeline(lambda _: None, clock=lambda: 10.0)
    timeline.fault("cut off")
    timeline.note("late", at=12.0)
    timeline.note("last write", at=11.0)
    assert [event["what"] for event in timeline.as_evidence()] == ["cut off", "last write", "late"]
