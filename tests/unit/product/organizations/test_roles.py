"""Who may give and take which role."""

import itertools

import pytest

from howdah.foundation.errors import Conflict, Forbidden
from howdah.product.organizations.roles import (
    refuse_unless_may_give,
    refuse_unless_may_take,
    refuse_without_owner,
)

ROLES = ("owner", "admin", "editor", "viewer")
ALLOWED = {
    *(("owner", role) for role in ROLES),
    ("admin", "editor"),
    ("admin", "viewer"),
}


@pytest.mark.parametrize(("who", "role"), [*itertools.product(ROLES, ROLES)])
def test_owners_give_and_take_everything_admins_editors_and_viewers_others_nothing(
    who: str, role: str
) -> None:
    for refuse in (refuse_unless_may_give, refuse_unless_may_take):
        if (who, role) in ALLOWED:
            refuse(who, role)
        else:
            with pytest.raises(Forbidden):
                refuse(who, role)


def test_an_organization_keeps_an_owner() -> None:
    refuse_without_owner(1)
    with pytest.raises(Conflict) as refused:
        refuse_without_owner(0)
    assert refused.value.hint == "Make somebody else an owner first."
