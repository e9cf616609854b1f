"""What the restored server is told about where to stop; what is left out of its settings."""

import pytest

from howdah.operations.recovery.choices import RESTORE, Choice
from howdah.operations.recovery.staging import Plan, recovery_target
from howdah.operations.recovery.standalone import of_recovery


def plan(to: str, *, before: bool = False) -> Plan:
    target = Choice(RESTORE, to, before).target
    return Plan(target, "20261122-020000F", timeline=7, end=None, needed_bytes=0, wal_bytes=0)


@pytest.mark.parametrize(
    ("to", "before", "expected"),
    [
        (
            "2026-11-22 11:00:00+01:00",
            False,
            {"recovery_target_time": "2026-11-22 10:00:00+00", "recovery_target_inclusive": "on"},
        ),
        ("xid:742", True, {"recovery_target_xid": "742", "recovery_target_inclusive": "off"}),
        ("0/3000060", False, {"recovery_target_lsn": "0/3000060"}),
        ("before_import", False, {"recovery_target_name": "before_import"}),
    ],
)
def test_every_target_names_the_timeline_and_what_happens_there(
    to: str, before: bool, expected: dict[str, object]
) -> None:
    found = recovery_target(plan(to, before=before), "pause")
    assert found | expected == found
    assert (found["recovery_target_timeline"], found["recovery_target_action"]) == (7, "pause")


def test_the_end_of_the_archive_is_no_target_and_has_a_timeline_too() -> None:
    assert recovery_target(plan("latest"), "promote") == {"recovery_target_timeline": 7}


def test_a_plan_survives_being_recorded() -> None:
    one = plan("latest")
    assert Plan.of(one.document(), one.target) == one


@pytest.mark.parametrize(
    ("line", "dropped"),
    [
        ("restore_command = 'pgbackrest …'", True),
        ("recovery_target_time = '2026-11-22'", True),
        ("  archive_mode = 'off'", True),
        ("primary_conninfo = 'host=x'", True),
        ("# restore_command = 'x'", False),
        ("work_mem = '8MB'", False),
    ],
)
def test_settings_of_a_recovery_do_not_outlive_it(line: str, dropped: bool) -> None:
    assert of_recovery(line) is dropped
