"""What an operation can show afterwards: JSON documents that are written once and never changed.

Imports the standard library and foundation's errors. One folder a kind: `<home>/evidence/drills`.
"""

from howdah.foundation.evidence.store import Kept, evidence_of, keep_evidence

__all__ = ["Kept", "evidence_of", "keep_evidence"]
