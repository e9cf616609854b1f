"""The sentences for refused rows name constraints that there are."""

from howdah.foundation.database.failures import SENTENCES
from howdah.operations.roles.connect import Connection


def test_every_constraint_with_a_sentence_is_one_of_the_schema(owner: Connection) -> None:
    rows = owner.execute(
        """
        SELECT conname FROM pg_constraint
        UNION SELECT relname FROM pg_class WHERE relkind = 'i'
        """
    ).fetchall()
    assert set(SENTENCES) <= {name for (name,) in rows}
