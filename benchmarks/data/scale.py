"""How much data there is, and who belongs where: numbers that every generator shares."""

import itertools
from bisect import bisect
from dataclasses import dataclass
from functools import cached_property

# `up` makes an administrator and an organization of its own; ours are numbered far above them.
FIRST_ORG_ID = 1_001
FIRST_USER_ID = 1_000_001
FIRST_DOCUMENT_ID = 1_000_001


@dataclass(frozen=True)
class Scale:
    """Rows per table. Organization k of the list weighs 1/k: of 1,000 the first holds 13 %."""

    documents: int = 1_000_000
    users: int = 1_000_000
    organizations: int = 1_000
    seed: int = 20_240_115

    def __post_init__(self) -> None:
        if self.documents < 1 or self.organizations < 10 or self.users < 10 * self.organizations:
            raise ValueError(
                "the smallest data set has 1 document, 10 organizations and 10 users for each"
            )

    @property
    def full(self) -> bool:
        """Large enough to judge the promises by."""
        return min(self.documents, self.users) >= 1_000_000

    @cached_property
    def _cumulated_weights(self) -> list[float]:
        return list(itertools.accumulate(1 / k for k in range(1, self.organizations + 1)))

    def org_at(self, share: float) -> int:
        """The organization id at this share (0 to 1) of all weights."""
        weights = self._cumulated_weights
        return FIRST_ORG_ID + min(bisect(weights, share * weights[-1]), self.organizations - 1)

    def members(self, org_id: int) -> range:
        """The ids of the users that belong to the organization, at least one."""
        position = org_id - FIRST_ORG_ID
        start, end = self._member_bound(position), self._member_bound(position + 1)
        return range(FIRST_USER_ID + start, FIRST_USER_ID + end)

    def _member_bound(self, position: int) -> int:
        # Every organization gets one user first; the others are shared out by weight.
        weights = self._cumulated_weights
        share = weights[position - 1] / weights[-1] if position else 0.0
        return position + round(share * (self.users - self.organizations))

    def org_slug(self, org_id: int) -> str:
        return f"bench-{org_id - FIRST_ORG_ID + 1:04d}"
