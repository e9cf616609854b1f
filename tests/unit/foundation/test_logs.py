import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest

from howdah.foundation import logs
from howdah.foundation.logs import HIDDEN, QUIET, configure_logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged; the configuration before is put back."""
    monkeypatch.setattr(logs, "_sink", logs._Sink())
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    configure_logs("worker", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_a_record_is_one_line_of_json_with_utc_time_and_its_fields(written: io.StringIO) -> None:
    job_id = UUID(int=7)
    logging.getLogger("howdah.test").info("it is %s", "done", extra={"job_id": job_id, "n": 3})
    (line,) = written.getvalue().splitlines()
    said = json.loads(line)
    moment = datetime.fromisoformat(said.pop("time"))
    assert moment.utcoffset() is not None
    assert not moment.utcoffset()
    assert said == {
        "level": "info",
        "program": "worker",
        "logger": "howdah.test",
        "message": "it is done",
        "job_id": str(job_id),
        "n": 3,
    }


def test_a_field_that_is_named_like_a_secret_is_hidden(written: io.StringIO) -> None:
    extra = {"access_token": "s3cret", "headers": {"Authorization": "s3cret", "Accept": "*/*"}}
    logging.getLogger("howdah.test").info("request", extra=extra)
    said = json.loads(written.getvalue())
    assert said["access_token"] == HIDDEN
    assert said["headers"] == {"Authorization": HIDDEN, "Accept": "*/*"}
    assert "s3cret" not in written.getvalue()


def test_an_exception_stays_on_its_line(written: io.StringIO) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("howdah.test").exception("it failed")
    (line,) = written.getvalue().splitlines()
    assert "ValueError: no" in json.loads(line)["exception"]


def test_text_that_cannot_be_encoded_is_logged_all_the_same(written: io.StringIO) -> None:
    logging.getLogger("howdah.test").warning("half a pair: \ud83d", extra={"path": "\udcff"})
    assert json.loads(written.getvalue())["path"] == "\\udcff"


def test_configuring_again_does_not_say_everything_twice(written: io.StringIO) -> None:
    configure_logs("worker", stream=written)
    logging.getLogger("howdah.test").info("once")
    assert len(written.getvalue().splitlines()) == 1
