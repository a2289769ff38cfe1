"""What must never change, the database itself refuses to change."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from intake import append_only, audit, keys, rotation, tombstones
from intake.models import AuditEvent, PurgeTombstone, Submission
from intake.retention import delete
from tests.intake.making import make_request, send

pytestmark = pytest.mark.django_db


def refused(change: object) -> bool:
    try:
        with transaction.atomic():
            change()  # type: ignore[operator]
    except IntegrityError as error:
        return "is refused" in str(error)
    return False


def test_every_guard_is_there_after_all_migrations() -> None:
    assert append_only.missing() == []


def test_a_missing_guard_is_named() -> None:
    append_only.remove(connection)

    assert append_only.missing() == sorted(append_only.NAMES)


@pytest.mark.parametrize("model", [AuditEvent, PurgeTombstone])
def test_what_is_only_added_to_can_neither_be_changed_nor_deleted(
    model: type[models.Model],
) -> None:
    audit.record(actor=None, action="opened", reference="R4TXNW7KQC")
    request = make_request()
    tombstones.lay(
        keys={request.submission_key: request.reference}, at=timezone.now(), reason="erased"
    )
    before = list(model.objects.values())

    assert refused(lambda: model.objects.update(reference="AAAAAAAAAA"))
    assert refused(lambda: model.objects.all().delete())
    assert before
    assert list(model.objects.values()) == before


ANOTHER = {
    "submission_key": "00000000-0000-4000-8000-000000000000",
    "content_mac": "0" * 64,
    "reference": "AAAAAAAAAA",
    "received_at": timezone.now(),
    "envelope": b"other",
    "node": "elsewhere",
    "suspicion": "trap",
    "is_demo": True,
}
MAY_CHANGE = {"admitted_at", "refused_because", "retry_at"}


def test_every_column_of_a_form_is_either_fixed_or_known_to_change() -> None:
    columns = {f.name for f in apps.get_model("intake.Submission")._meta.local_concrete_fields}

    assert columns == {"id"} | ANOTHER.keys() | MAY_CHANGE


@pytest.mark.parametrize("column", sorted(ANOTHER))
def test_no_column_of_what_was_sent_can_be_changed(column: str) -> None:
    send()
    value = ANOTHER[column]
    if column == "envelope":
        value = bytes(Submission.objects.get().envelope)[:-1] + b"\0"

    assert refused(lambda: Submission.objects.update(**{column: value}))


def test_when_a_form_was_admitted_may_be_noted() -> None:
    send()

    Submission.objects.update(admitted_at=timezone.now(), refused_because="x", retry_at=None)

    assert Submission.objects.get().admitted_at is not None


def test_an_envelope_may_be_sealed_to_another_key() -> None:
    send()
    keys.add_pair()

    assert rotation.reseal_all(batch=10).resealed == 1


def test_a_form_can_only_be_deleted_after_its_tombstone() -> None:
    request = make_request()

    assert refused(lambda: Submission.objects.all().delete())
    with transaction.atomic():
        delete(request, action="erased")

    assert not Submission.objects.exists()


def test_a_demo_form_may_go() -> None:
    send(is_check=True)

    Submission.objects.all().delete()

    assert not Submission.objects.exists()
