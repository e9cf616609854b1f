from pathlib import Path

import pytest

from howdah.operations.cluster.choosing import Refused
from howdah.operations.cluster.reinit import folder_size, refuse_reinit
from tests.unit.operations.cluster.clusters import MEMBERS, whole

A, B, *_ = MEMBERS


def test_the_primary_keeps_its_data() -> None:
    with pytest.raises(Refused, match="postgres-a is the primary"):
        refuse_reinit(whole(), A)


def test_nothing_is_deleted_while_there_is_nobody_to_copy_from() -> None:
    with pytest.raises(Refused, match="no member leads"):
        refuse_reinit(whole(leader=None), B)


def test_a_member_that_follows_may_be_made_anew() -> None:
    refuse_reinit(whole(), B)


def test_the_size_of_a_folder_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert folder_size(tmp_path / "gone") == 0
