from pathlib import Path

import pytest

from howdah.foundation.processes.survivors import is_server_of

HOME = Path("/srv/howdah/var")


@pytest.mark.parametrize(
    "command",
    [
        [
            "/usr/lib/postgresql/15/bin/postgres",
            "--config-file=/srv/howdah/var/etc/postgresql.conf",
        ],
        ["postgres", "-D", "/srv/howdah/var/scratch/restore-test/data"],
        ["/usr/sbin/pgbouncer", "/srv/howdah/var/etc/pgbouncer.ini"],
        ["python", "/venv/bin/supervisord", "-c", "/srv/howdah/var/etc/supervisord.conf"],
    ],
)
def test_a_server_with_a_file_of_the_home_belongs_to_it(command: list[str]) -> None:
    assert is_server_of(HOME, command)


@pytest.mark.parametrize(
    "command",
    [
        ["tail", "-f", "/srv/howdah/var/logs/postgresql.log"],
        ["vim", "/srv/howdah/var/etc/postgresql.conf"],
        ["postgres", "--config-file=/srv/howdah/var-test/etc/postgresql.conf"],
        ["postgres", "--config-file=/srv/howdah/var/inner/etc/postgresql.conf"],
        ["postgres", "-D", "/var/lib/postgresql/15/main"],
        ["postgres:", "checkpointer"],
        [],
    ],
)
def test_other_programs_and_other_homes_are_left_alone(command: list[str]) -> None:
    assert not is_server_of(HOME, command)
