"""Where the person may be: what they said, then the state, then the number."""

import pytest

from intake.zones import CONTIGUOUS, STATE_ZONES, whereabouts, zone_for

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = CONTIGUOUS


def test_what_the_person_said_holds() -> None:
    found = whereabouts(phone="+13035550142", state="CO", asked="Pacific/Honolulu")

    assert (found.zone, found.possible, found.is_guess) == (
        "Pacific/Honolulu",
        ("Pacific/Honolulu",),
        False,
    )


def test_a_state_with_one_zone_is_as_good() -> None:
    found = whereabouts(phone="+12125550142", state="CO")

    assert (found.zone, found.possible, found.is_guess) == (MOUNTAIN, (MOUNTAIN,), False)


def test_in_a_state_with_two_the_call_must_be_lawful_in_both() -> None:
    found = whereabouts(phone="", state="TX")

    assert found.zone == CENTRAL
    assert set(found.possible) == {CENTRAL, MOUNTAIN}
    assert found.is_guess


def test_the_number_says_which_zone_of_the_state_is_likelier_but_not_more() -> None:
    found = whereabouts(phone="+19155550142", state="TX")  # El Paso

    assert found.zone == MOUNTAIN
    assert set(found.possible) == {CENTRAL, MOUNTAIN}


def test_without_a_state_the_number_is_a_guess() -> None:
    found = whereabouts(phone="+12125550142", state="")

    assert (found.zone, found.is_guess) == (EASTERN, True)
    assert found.possible == (EASTERN,)


@pytest.mark.parametrize("phone", ["+18005550142", "+18885550142"])
def test_a_toll_free_number_may_be_anywhere(phone: str) -> None:
    found = whereabouts(phone=phone, state="")

    assert found.possible == CONTIGUOUS
    assert found.zone == MOUNTAIN
    assert found.is_guess


@pytest.mark.parametrize("phone", ["", "not a number", "+", "+999"])
def test_with_nothing_to_go_by_it_is_the_clinics_zone(phone: str) -> None:
    found = whereabouts(phone=phone, state="")

    assert (found.zone, found.possible, found.is_guess) == (MOUNTAIN, (MOUNTAIN,), True)


def test_a_zone_that_does_not_exist_is_ignored() -> None:
    assert whereabouts(phone="", state="CO", asked="Mars/Olympus").zone == MOUNTAIN
    assert whereabouts(phone="", state="CO", asked="../../etc/passwd").zone == MOUNTAIN


def test_all_states_the_district_and_five_territories_are_known() -> None:
    assert len(STATE_ZONES) == 56


def test_all_zones_fit_into_their_columns() -> None:
    for zones in STATE_ZONES.values():
        assert len(" ".join(zones)) <= 255
        assert all(len(zone) <= 40 for zone in zones)


def test_the_short_form_gives_zone_and_guess() -> None:
    assert zone_for("+12125550142", "") == (EASTERN, True)
