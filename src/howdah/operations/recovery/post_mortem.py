"""The draft of a post-mortem, filled in from what a recovery recorded. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from howdah.operations.recovery.choices import Choice
from howdah.operations.recovery.record import (
    ASSESS,
    DISCARDED,
    FAILED,
    IDENTIFY,
    NOT_NEEDED,
    POST_MORTEM,
    RECOVER,
    RECOVERED,
    SWITCH,
    VERIFY,
    Attempt,
    Record,
)

TITLES = {
    IDENTIFY: "1 Identify",
    ASSESS: "2 Assess",
    RECOVER: "3 Recover",
    VERIFY: "4 Verify",
    SWITCH: "5 Switch",
    POST_MORTEM: "6 Post-mortem",
}
OUTCOMES = {
    RECOVERED: "Recovered: traffic was led to what had been verified.",
    DISCARDED: "Discarded: the candidate did not pass, and traffic stayed where it was.",
    NOT_NEEDED: "Nothing was found that called for a recovery; nothing was changed.",
    "": "Not finished.",
}
QUESTIONS = (
    ("What users noticed", "From when to when, and what did they see?"),
    ("Cause", "What broke, and what let it?"),
    ("What was lost", "Who must be told? What can be entered again?"),
    ("What went well, what did not", "Alerts, this procedure, access, knowledge."),
    ("Actions", "What, who, until when."),
)


def post_mortem(record: Record, installation: str) -> str:
    """Markdown. What only people know is asked for in the end."""
    parts = [
        f"# Post-mortem: recovery {record.id}",
        "*Draft, written by `howdah recover` from its record. Times are UTC.*",
        _summary(record, installation),
        "## Timeline",
        *_table(("time", "what happened"), _timeline(record)),
        "## The steps",
        *_table(("step", "outcome", "seconds", "begun"), _steps(record)),
        *_found(record, IDENTIFY, "## What was wrong"),
        *_found(record, ASSESS, "## What was left"),
        *_found(record, VERIFY, "## What was verified"),
        "## Figures",
        *_table(("figure", "value"), _figures(record)),
        *(f"## {title}\n\n*{question}*\n" for title, question in QUESTIONS),
    ]
    return "\n\n".join(_joined(parts)) + "\n"


def _joined(parts: list[str]) -> Iterator[str]:
    """Rows of a table belong together; everything else stands by itself."""
    table: list[str] = []
    for part in parts:
        if part.startswith("|"):
            table.append(part)
            continue
        if table:
            yield "\n".join(table)
            table = []
        yield part.strip()
    if table:
        yield "\n".join(table)


def _summary(record: Record, installation: str) -> str:
    choice = record.notes.get("choice")
    lines = [
        f"- **Installation**: {installation}",
        f"- **Begun**: {_clock(record.begun_at)}",
        f"- **Outcome**: {OUTCOMES[record.outcome]}",
    ]
    if choice:
        lines.append(f"- **Chosen**: {Choice.of(choice)}")
    lines += [f"- **{name}**: {text}" for name, text in _headline(record)]
    return "\n".join(lines)


def _headline(record: Record) -> Iterator[tuple[str, str]]:
    figures = _merged(record)
    if (outage := figures.get("outage_seconds")) is not None:
        yield "Nobody could write for", f"{outage:.1f} s, as far as this procedure stopped them"
    if reached := (record.notes.get("reached") or {}).get("last_transaction_at"):
        yield "Last transaction kept", _clock(datetime.fromisoformat(reached))
    if aside := record.notes.get("aside"):
        yield "Data of before", f"kept in `{aside}`; delete them when nobody needs them"


def _timeline(record: Record) -> list[tuple[str, str]]:
    rows = [(item.at, f"**decided**: {item.what}" if item.decision else item.what)
            for item in record.events]  # fmt: skip
    rows += [(item.begun_at, f"step {TITLES[item.step]} begins") for item in record.attempts]
    rows += [
        (item.begun_at, f"step {TITLES[item.step]} was cut short")
        for item in record.attempts[:-1]
        if item.ended_at is None
    ]
    rows += [
        (item.ended_at, f"step {TITLES[item.step]} failed: {'; '.join(item.sentences)}")
        for item in record.attempts
        if item.ended_at is not None and item.outcome == FAILED
    ]
    return [(_clock(at), what) for at, what in sorted(rows, key=lambda row: row[0])]


def _steps(record: Record) -> list[tuple[str, str, str, str]]:
    return [
        (
            TITLES[item.step],
            item.outcome or "cut short",
            "-" if item.seconds is None else f"{item.seconds:.1f}",
            _clock(item.begun_at),
        )
        for item in record.attempts
        if item.step != POST_MORTEM
    ]


def _found(record: Record, step: str, title: str) -> Iterator[str]:
    last: Attempt | None = record.last(step)
    if last and last.sentences:
        yield title
        yield "\n".join(f"- {sentence}" for sentence in last.sentences)


def _figures(record: Record) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), _said(value)) for name, value in _merged(record).items()]


def _merged(record: Record) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for item in record.attempts:
        merged |= item.figures
    return merged


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return "-" if value is None else str(value)


def _table(header: tuple[str, ...], rows: list[Any]) -> Iterator[str]:
    if not rows:
        yield "(none)"
        return
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
