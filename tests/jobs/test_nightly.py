"""What runs at night: the daily report, the cleaning, and every task of the table."""

from datetime import UTC, datetime, timedelta

from howdah.entrypoints.jobs.cleaning import clean_expired
from howdah.entrypoints.jobs.run import run
from howdah.entrypoints.jobs.sharing import Shared, share
from howdah.entrypoints.schedule.table import TABLE
from howdah.product.insights.daily import DAYS_MADE_UP_FOR, day_report, report_days
from howdah.product.transfers.imports import run_import
from tests.jobs.background import Background, Member

NOW = datetime.now(UTC)
TODAY = NOW.date()


def with_two_documents(background: Background) -> Member:
    """An organization that wrote two documents today and changed one."""
    member = background.member()
    files = {"a.md": b"---\ntags: [ops]\n---\n# One\n", "b.md": b"---\ntags: [ops]\n---\n# Two\n"}
    run_import(background.database, background.import_files(member, files))
    background.admin.execute(
        "UPDATE documents SET content = 'more', updated_by = %s WHERE source_path = 'a.md'"
        " AND org_id = %s",
        (member.user_id, member.org_id),
    )
    background.admin.execute(
        "INSERT INTO search_counts VALUES (%s, %s, 'failover', 3, 7)", (member.org_id, TODAY)
    )
    return member


def test_the_report_says_what_happened_on_its_day(background: Background) -> None:
    member = with_two_documents(background)
    assert day_report(background.database, member.org_id, TODAY) == {
        "documents_created": 2,
        "documents_changed": 1,
        "documents_deleted": 0,
        "active_authors": 1,
        "top_tags": [{"tag": "ops", "documents": 2}],
        "searches": 3,
        "top_searches": [{"query": "failover", "searches": 3, "hits": 7}],
    }


def test_a_report_is_written_once_and_missing_days_are_made_up_for(
    background: Background,
) -> None:
    member = with_two_documents(background)
    background.admin.execute("UPDATE organizations SET created_at = now() - interval '1 year'")
    report_days(background.database, TODAY)
    assert report_days(background.database, TODAY) == 0
    days = background.admin.execute(
        "SELECT day FROM daily_insights WHERE org_id = %s ORDER BY day", (member.org_id,)
    ).fetchall()
    assert [day for (day,) in days] == [
        TODAY - timedelta(days=back) for back in range(DAYS_MADE_UP_FOR, -1, -1)
    ]


def test_an_organization_has_no_report_of_days_before_it_existed(background: Background) -> None:
    member = background.member()
    report_days(background.database, TODAY)
    rows = background.admin.execute(
        "SELECT day FROM daily_insights WHERE org_id = %s", (member.org_id,)
    ).fetchall()
    assert rows == [(TODAY,)]


def test_cleaning_removes_what_has_expired_and_nothing_else(background: Background) -> None:
    member = background.member()
    for name, expires in (("old", "1 day ago"), ("new", "tomorrow")):
        background.admin.execute(
            "INSERT INTO api_tokens (user_id, name, token_hash, scopes, expires_at)"
            " VALUES (%s, %s, sha256(%s), '{read}', %s::timestamptz)",
            (member.user_id, name, name.encode(), _moment(expires)),
        )
    for key, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
        background.admin.execute(
            "INSERT INTO idempotency_keys (user_id, key, fingerprint, created_at)"
            " VALUES (%s, %s, sha256('x'), %s)",
            (member.user_id, key, NOW - age),
        )
    removed = clean_expired(background.database)
    assert (removed["api_tokens"], removed["idempotency_keys"]) == (1, 1)
    assert background.admin.execute("SELECT name FROM api_tokens").fetchall() == [("new",)]
    assert background.admin.execute("SELECT key FROM idempotency_keys").fetchall() == [("new",)]


def test_the_nightly_task_removes_organizations_deleted_a_month_ago(background: Background) -> None:
    gone, kept = with_two_documents(background), with_two_documents(background)
    for member, days in ((gone, 31), (kept, 29)):
        background.admin.execute(
            "UPDATE organizations SET deleted_at = %s WHERE id = %s",
            (NOW - timedelta(days=days), member.org_id),
        )
    share(Shared(background.database))
    run("cleaning.clean_expired", {})
    left = background.admin.execute(
        "SELECT id FROM organizations WHERE deleted_at IS NOT NULL"
    ).fetchall()
    assert left == [(kept.org_id,)]


def test_every_scheduled_task_runs(background: Background) -> None:
    with_two_documents(background)
    share(Shared(background.database))
    for entry in TABLE:
        if entry.queued:
            run(entry.task, {"scheduled_for": NOW.isoformat()})


def _moment(words: str) -> datetime:
    return NOW - timedelta(days=1) if words == "1 day ago" else NOW + timedelta(days=1)
