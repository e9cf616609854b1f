"""ETag and If-Match: the revision that a change is made to."""

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Header
from howdah.entrypoints.web.problems import PreconditionRequired
from howdah.foundation.errors import InvalidInput

SENTENCE = 'The ETag of the revision you read, e.g. "3"; * for whatever there is now.'
PATTERN = r'^(\*|"[0-9]{1,9}")$'
IF_MATCH = {"If-Match": Header(SENTENCE, PATTERN, required=True)}
IF_MATCH_OPTIONAL = {"If-Match": Header(SENTENCE, PATTERN)}


def etag(revision: int) -> str:
    """The ETag of a revision."""
    return f'"{revision}"'


def expected_revision(call: Call, *, required: bool = True) -> int | None:
    """The revision in If-Match; None for `*`, or when it is not there and not required.

    Raises PreconditionRequired, InvalidInput.
    """
    given = call.headers.get("If-Match")
    if given is None:
        if required:
            raise PreconditionRequired()
        return None
    if given.strip() == "*":
        return None
    number = given.strip().strip('"')
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise InvalidInput(f"If-Match takes an ETag of this document or *, not {given[:50]}.")
    return int(number)


def not_modified(call: Call, revision: int) -> bool:
    """Whether If-None-Match names this revision: a GET then needs no body."""
    given = call.headers.get("If-None-Match", "")
    return etag(revision) in {part.strip().removeprefix("W/") for part in given.split(",")}
