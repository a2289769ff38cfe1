"""The callback queue: the list, and every move a request can make.

The only door to changing a request, but for admission, which creates one and folds corrections
into it. Each function is one transaction, takes keywords only, and raises errors whose messages
are written for the person at the desk.
"""

from __future__ import annotations

from intake.assignment import assign
from intake.attempts import CLOSES, UNDO_WITHIN, check_next, record_attempt, undo_attempt
from intake.claims import claim, claim_next, leave, release, release_all, release_expired, renew
from intake.decisions import close_unreachable, free_from_spam, reopen, set_consent
from intake.listing import (
    Listed,
    Overview,
    arrange,
    callee_of,
    list_one,
    needs_decision,
    summarise,
    waiting,
)
from intake.merging import merge, undo_merge
from intake.moves import NotAllowed, NotYours, Stale
from intake.order import Group
from intake.shortlist import overview

__all__ = [
    "CLOSES",
    "UNDO_WITHIN",
    "Group",
    "Listed",
    "NotAllowed",
    "NotYours",
    "Overview",
    "Stale",
    "arrange",
    "assign",
    "callee_of",
    "check_next",
    "claim",
    "claim_next",
    "close_unreachable",
    "free_from_spam",
    "leave",
    "list_one",
    "merge",
    "needs_decision",
    "overview",
    "record_attempt",
    "release",
    "release_all",
    "release_expired",
    "renew",
    "reopen",
    "set_consent",
    "summarise",
    "undo_attempt",
    "undo_merge",
    "waiting",
]
