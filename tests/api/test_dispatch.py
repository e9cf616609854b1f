"""What every endpoint has in common: reading the request, answering what nobody foresaw."""

import io
import logging

import pytest

from howdah.entrypoints.web.api import me
from howdah.entrypoints.web.services import Services
from tests.api.callers import Caller, Tenant


def test_a_body_in_chunks_is_refused_beyond_the_limit_and_not_cut_off_there(
    as_editor: Caller, tenant: Tenant, services: Services
) -> None:
    limit = services.settings.topology.api.max_import_bytes
    refused = as_editor.post(
        tenant.path("imports"),
        input_stream=io.BytesIO(b" " * (limit + 1)),
        headers={"Content-Type": "application/zip", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert refused.status_code == 413
    assert as_editor.get(tenant.path("jobs")).json["items"] == []


def test_what_nobody_foresaw_is_in_the_log_with_its_traceback_and_not_in_the_answer(
    as_editor: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("the reason")

    monkeypatch.setattr(me, "get_me", broken)
    with caplog.at_level(logging.ERROR):
        answer = as_editor.get("/me", headers={"X-Request-ID": "looked-for"})
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "the reason" not in answer.text
    assert answer.headers["X-Request-ID"] == answer.json["request_id"] == "looked-for"
    [record] = caplog.records
    assert record.exc_info is not None
    said = logging.Formatter().formatException(record.exc_info)
    assert "ZeroDivisionError: the reason" in said
    assert "in broken" in said
