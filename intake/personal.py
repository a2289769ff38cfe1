"""Every field of the intake: personal or plain. A test fails on one that is in neither list.

Personal data is only ever sealed, or kept as a keyed hash that finds the same value again and
shows none. Plain fields tell when and how a request was handled; beside its reference they name
nobody. What says something about a person's state or whereabouts without naming them (crisis
wording, time zone, window) is plain here because the call list needs it without opening an
envelope; it is still only on the desk.
"""

from __future__ import annotations

from typing import Final

SEALED: Final = "sealed envelope"
KEYED: Final = "keyed hash"

# Model fields, with how each is protected.
PERSONAL: Final = {
    "Submission.envelope": SEALED,
    "Submission.content_mac": KEYED,
    "Note.envelope": SEALED,
    "CallbackRequest.phone_index": KEYED,
    "CallbackRequest.email_index": KEYED,
}

PLAIN: Final = {
    "AuditEvent": "id sequence at actor action reference detail previous digest",
    "CallAttempt": "id request at by outcome next_at undone_at hour before",
    "CallPolicy": (
        "id max_attempts retry_minutes lease_minutes unconverted_days spam_days opening_words "
        "voicemail_words"
    ),
    "CallbackRequest": (
        "id submission_key reference submissions state version received_at attempt_due_at "
        "contact_due_at next_action_at first_attempt_at first_contact_at attempt_count owner "
        "claimed_at lease_until window time_zone possible_zones is_zone_guessed is_phone_wrong "
        "has_crisis_wording has_correction is_demo is_on_legal_hold outcome closed_at closed_by "
        "merged_into received_hour wait_to_attempt wait_to_contact callee due_micros risk_micros "
        "tries_in_vain"
    ),
    "Closure": "id starts_on ends_on reason",
    "Consent": "id request purpose is_granted wording at source by",
    "ConsentWording": "id wording_id purpose text",
    "Heartbeat": "id worker at",
    "Merge": "id request into at by undone_at undone_by before",
    "Message": (
        "id kind channel request milestone user message_id created_at send_after leased_until tries "
        "sent_at dead_at cancelled_at last_error"
    ),
    "Note": "id request at by",
    "OpeningHours": "id weekday opens_at closes_at",
    "QuickPhrase": "id text position",
    "PurgeTombstone": "id submission_key reference at reason",
    "Submission": (
        "id submission_key reference received_at node suspicion is_demo admitted_at "
        "refused_because retry_at"
    ),
}

# What a form holds; all of it is sealed. The personal ones may not leave the envelope, not even
# in a log line or an error; the plain ones may decide a column.
PERSONAL_CONTENT: Final = frozenset(
    [
        "name",
        "phone",
        "phone_extension",
        "phone_as_typed",
        "email",
        "adult",
        "for_whom",
        "state",
        "topic",
        "language",
        "form_language",
        "access_needs",
        "comment",
    ]
)
PLAIN_CONTENT: Final = frozenset(
    [
        "window",
        "time_zone",
        "voicemail",
        "call_consent",
        "text_consent",
        "email_receipt",
        "wordings",
    ]
)
