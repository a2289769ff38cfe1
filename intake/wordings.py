"""The exact words of each consent box. A new wording gets a new id; an old one never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intake.models import Consent, ConsentWording


@dataclass(frozen=True, slots=True)
class Wording:
    wording_id: str
    purpose: str
    text: str


# Source: facts on consent to contact (Telephone Consumer Protection Act): a box of its own
# for each purpose, never ticked beforehand, care never made to depend on it.
WORDINGS: Final = {
    wording.purpose: wording
    for wording in (
        Wording(
            "call-1",
            Consent.Purpose.CALL,
            "Yes, an intake coordinator may call me at this number about my inquiry.",
        ),
        Wording(
            "voicemail-1",
            Consent.Purpose.VOICEMAIL,
            "Yes, you may leave a voicemail with a first name and your number. "
            "It will name no treatment.",
        ),
        Wording(
            "text-1",
            Consent.Purpose.TEXT,
            "Yes, you may also text me about my inquiry. Rates may apply. "
            "Reply STOP to end. Texts are not private.",
        ),
        Wording(
            "email-1",
            Consent.Purpose.EMAIL,
            "Yes, email me a receipt with my reference and the time by which you will call. "
            "Email is not private.",
        ),
    )
}


class WordingChanged(Exception):
    """The text of a wording id differs from the one that people already agreed to."""


def keep_wordings() -> int:
    """Store each wording before it is shown, and return how many were new.

    Raises :exc:`WordingChanged`: the start stops rather than put other words under an old yes.
    """
    added = 0
    for known in WORDINGS.values():
        row, is_new = ConsentWording.objects.get_or_create(
            wording_id=known.wording_id, defaults={"purpose": known.purpose, "text": known.text}
        )
        if (row.purpose, row.text) != (known.purpose, known.text):
            raise WordingChanged(
                f"{known.wording_id} was shown with other words; give the new words a new id"
            )
        added += is_new
    return added


def wording_row(purpose: str, wording_id: str) -> ConsentWording | None:
    """The stored wording that a form showed; ``None`` for an id nobody knows."""
    known = WORDINGS.get(purpose)
    if known is not None and known.wording_id == wording_id:
        return ConsentWording.objects.get_or_create(
            wording_id=wording_id, defaults={"purpose": purpose, "text": known.text}
        )[0]
    return ConsentWording.objects.filter(wording_id=wording_id, purpose=purpose).first()
