"""The exact words of each consent box. A new wording gets a new id; an old one never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language

from intake.models import Consent, ConsentWording


@dataclass(frozen=True, slots=True)
class Wording:
    wording_id: str
    purpose: str
    text: str


def _by_purpose(*wordings: Wording) -> dict[str, Wording]:
    return {wording.purpose: wording for wording in wordings}


# Source: facts on consent to contact (Telephone Consumer Protection Act): a box of its own
# for each purpose, never ticked beforehand, care never made to depend on it.
ENGLISH: Final = _by_purpose(
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
# Wordings of their own, with ids of their own: what a person agreed to is what they read.
SPANISH: Final = _by_purpose(
    Wording(
        "call-es-1",
        Consent.Purpose.CALL,
        "Sí, un coordinador de admisión puede llamarme a este número sobre mi consulta.",
    ),
    Wording(
        "voicemail-es-1",
        Consent.Purpose.VOICEMAIL,
        "Sí, pueden dejar un mensaje de voz con un nombre de pila y su número. "
        "No mencionará ningún tratamiento.",
    ),
    Wording(
        "text-es-1",
        Consent.Purpose.TEXT,
        "Sí, también pueden enviarme mensajes de texto sobre mi consulta. Pueden aplicarse tarifas. "
        "Responda STOP para dejar de recibirlos. Los mensajes de texto no son privados.",
    ),
    Wording(
        "email-es-1",
        Consent.Purpose.EMAIL,
        "Sí, envíenme por correo electrónico un comprobante con mi referencia y la hora límite en que "
        "me llamarán. El correo electrónico no es privado.",
    ),
)
WORDINGS: Final = {"en": ENGLISH, "es": SPANISH}


def language_now() -> str:
    """The language in which a form is shown now, as a key of ``WORDINGS``."""
    language = (get_language() or "en").partition("-")[0]
    return language if language in WORDINGS else "en"


def known() -> list[Wording]:
    """Every wording of today, in each language."""
    return [wording for spoken in WORDINGS.values() for wording in spoken.values()]


class WordingChanged(Exception):
    """The text of a wording id differs from the one that people already agreed to."""


def keep_wordings() -> int:
    """Store each wording before it is shown, and return how many were new.

    Raises :exc:`WordingChanged`: the start stops rather than put other words under an old yes.
    """
    added = 0
    for wording in known():
        row, is_new = ConsentWording.objects.get_or_create(
            wording_id=wording.wording_id,
            defaults={"purpose": wording.purpose, "text": wording.text},
        )
        if (row.purpose, row.text) != (wording.purpose, wording.text):
            raise WordingChanged(
                f"{wording.wording_id} was shown with other words; give the new words a new id"
            )
        added += is_new
    return added


def wording_row(purpose: str, wording_id: str) -> ConsentWording | None:
    """The stored wording that a form showed; ``None`` for an id nobody knows."""
    shown = next((one for one in known() if one.wording_id == wording_id), None)
    if shown is not None and shown.purpose == purpose:
        return ConsentWording.objects.get_or_create(
            wording_id=wording_id, defaults={"purpose": purpose, "text": shown.text}
        )[0]
    return ConsentWording.objects.filter(wording_id=wording_id, purpose=purpose).first()
