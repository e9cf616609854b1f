"""Who may give which role to whom: pure rules, the same for members and invitations.

An owner may do everything. An admin gives and takes editor and viewer. Everybody may leave.
An organization always has an owner who can sign in.
"""

from howdah.foundation.errors import Conflict, Forbidden

ADMINISTERED = frozenset({"editor", "viewer"})
"""The roles that an admin may give, change and take."""


def refuse_unless_may_give(giver: str, given: str) -> None:
    """Raises Forbidden when somebody with the role `giver` may not give the role `given`."""
    if giver == "owner" or (giver == "admin" and given in ADMINISTERED):
        return
    if given == "owner":
        raise Forbidden("Only an owner may make somebody an owner.")
    raise Forbidden(f'Your role "{giver}" does not allow to give the role "{given}".')


def refuse_unless_may_take(taker: str, held: str) -> None:
    """Raises Forbidden when somebody with the role `taker` may not change or end `held`."""
    if taker == "owner" or (taker == "admin" and held in ADMINISTERED):
        return
    if held == "owner":
        raise Forbidden("Only an owner may change or remove an owner.")
    raise Forbidden(
        f'Your role "{taker}" does not allow to change or remove a member who is "{held}".'
    )


def refuse_without_owner(remaining_owners: int) -> None:
    """Raises Conflict when nobody would own the organization any more."""
    if remaining_owners < 1:
        raise Conflict(
            "The organization would have no owner.", hint="Make somebody else an owner first."
        )
