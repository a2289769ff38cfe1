"""What the intake keeps. What a visitor wrote is only ever inside a sealed envelope."""

from intake.models.audit import AuditEvent
from intake.models.merging import Merge
from intake.models.outbox import Heartbeat, Message
from intake.models.phrase import QuickPhrase
from intake.models.request import CallAttempt, CallbackRequest, Consent, ConsentWording, Note
from intake.models.schedule import CallPolicy, Closure, OpeningHours
from intake.models.submission import Submission
from intake.models.tombstone import PurgeTombstone

__all__ = [
    "AuditEvent",
    "CallAttempt",
    "CallPolicy",
    "CallbackRequest",
    "Closure",
    "Consent",
    "ConsentWording",
    "Heartbeat",
    "Merge",
    "Message",
    "Note",
    "OpeningHours",
    "PurgeTombstone",
    "QuickPhrase",
    "Submission",
]
