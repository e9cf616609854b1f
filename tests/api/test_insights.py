"""Insights over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.callers import Caller, Tenant
from tests.api.conftest import RoundTrips

REPORTS = ("documents-per-day", "top-tags", "active-authors", "top-searches")


def write(editor: Caller, tenant: Tenant, *tags: str) -> None:
    document = {"title": "T", "content": "c", "tags": list(tags)}
    assert editor.post(tenant.path("documents"), json=document).status_code == 201


def test_documents_are_counted_on_their_day_and_days_without_any_are_shown(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant
) -> None:
    write(as_editor, tenant)
    write(as_editor, tenant)
    today = datetime.now(UTC).date()
    days = as_viewer.get(tenant.path("insights/documents-per-day")).json["items"]
    assert len(days) == 30
    assert days[-1] == {"day": today.isoformat(), "documents": 2}
    assert days[0] == {"day": (today - timedelta(days=29)).isoformat(), "documents": 0}


def test_tags_and_authors_are_ranked(as_editor: Caller, as_viewer: Caller, tenant: Tenant) -> None:
    write(as_editor, tenant, "common", "rare")
    write(as_editor, tenant, "common")
    tags = as_viewer.get(tenant.path("insights/top-tags")).json["items"]
    assert tags == [{"tag": "common", "documents": 2}, {"tag": "rare", "documents": 1}]
    (author,) = as_viewer.get(tenant.path("insights/active-authors")).json["items"]
    assert author["documents"] == 2
    assert author["full_name"].startswith("Person ")


def test_deleted_documents_do_not_count(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant
) -> None:
    write(as_editor, tenant, "gone")
    (document,) = as_editor.get(tenant.path("documents")).json["items"]
    as_editor.delete(tenant.path(f"documents/{document['id']}"))
    assert as_viewer.get(tenant.path("insights/top-tags")).json["items"] == []
    assert as_viewer.get(tenant.path("insights/counters")).json["documents"] == 0


def test_counters_tell_how_things_stand(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant, round_trips: RoundTrips
) -> None:
    write(as_editor, tenant)
    as_viewer.get(tenant.path("insights/counters"))
    with round_trips() as sent:
        counters = as_viewer.get(tenant.path("insights/counters")).json
    assert sent.count == 1
    assert counters["documents"] == 1
    assert counters["changed_last_hour"] == 1
    assert counters["members"] >= 2
    assert counters["jobs_unfinished"] == 0


@pytest.mark.parametrize("report", REPORTS)
def test_a_span_that_makes_no_sense_is_refused(
    as_viewer: Caller, tenant: Tenant, report: str
) -> None:
    for span in (
        {"first": "2026-02-02", "last": "2026-02-01"},
        {"first": "2020-01-01", "last": "2026-01-01"},
    ):
        answer = as_viewer.get(tenant.path(f"insights/{report}"), query_string=span)
        assert answer.status_code == 400
    answer = as_viewer.get(tenant.path(f"insights/{report}"), query_string={"first": "0"})
    assert answer.status_code == 422
