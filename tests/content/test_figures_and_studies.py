"""Figures say who counted, of whom, compared with what; studies of every direction are listed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from tests.content.seed import Seed, seeds


def test_every_clinic_reported_figure_has_a_caveat_and_stands_beside_published_ones() -> None:
    origin = {seed.slug: seed.fields["origin"] for seed in seeds("outcomefigure")}
    ours = [seed for seed in seeds("outcomefigure") if seed.fields["origin"] == "clinic_reported"]

    assert len(ours) == 5
    for figure in ours:
        assert "not independently checked" in figure.fields["caveat"], figure.key
        assert figure.fields["origin_note"] == "Clinic-reported, not independently checked"
        assert figure.fields["context"], figure.key
        assert {origin[slug] for slug in figure.fields["context"]} == {"published"}, figure.key
        assert "study" not in figure.fields, figure.key


def test_the_clinics_five_figures_are_carried_over_unchanged() -> None:
    ours = {
        seed.slug: (seed.fields["low"], seed.fields.get("high"))
        for seed in seeds("outcomefigure")
        if seed.fields["origin"] == "clinic_reported"
    }

    assert ours == {
        "clinic-mood": (75, None),
        "clinic-overall": (70, None),
        "clinic-lasting": (65, None),
        "clinic-maintenance": (15, 20),
        "clinic-migraine": (75, None),
    }


def test_a_published_figure_names_its_study_and_no_figure_of_ours_uses_its_picture() -> None:
    parts = {seed.fields["figure"] for seed in seeds("figurepart")}
    for figure in seeds("outcomefigure"):
        if figure.fields["origin"] == "published":
            assert figure.fields.get("study"), figure.key
        else:
            assert figure.slug not in parts, figure.key


def test_every_picture_has_exactly_one_hundred_people() -> None:
    people: dict[tuple[str, str], int] = defaultdict(int)
    for part in seeds("figurepart"):
        people[part.fields["figure"], part.fields.get("arm", "")] += part.fields["people"]

    assert people
    assert {arm: total for arm, total in people.items() if total != 100} == {}


def test_pictures_round_what_the_records_say() -> None:
    figures = {seed.slug: seed for seed in seeds("outcomefigure")}
    for part in seeds("figurepart"):
        figure = figures[part.fields["figure"]]
        said = re.findall(r"(\d+) in 100", part.fields.get("arm", "") + figure.fields["headline"])
        arm_of = [p for p in parts_of(figure) if p.fields.get("arm") == part.fields.get("arm")]
        shown = {p.fields["people"] for p in arm_of} | {
            arm_of[0].fields["people"] + arm_of[1].fields["people"]
        }

        assert shown & {int(number) for number in said}, part.key


def parts_of(figure: Seed) -> list[Seed]:
    return [part for part in seeds("figurepart") if part.fields["figure"] == figure.slug]


def test_headlines_begin_with_people_in_words_or_give_no_number() -> None:
    for figure in seeds("outcomefigure"):
        assert "%" not in figure.fields["headline"] + figure.fields["body"], figure.key


def test_each_group_of_figures_has_harm_or_failure_in_it() -> None:
    worse = {
        seed.fields["figure"] for seed in seeds("figurepart") if seed.fields["glyph"] == "worse"
    }
    groups = {seed.slug: seed.fields["group"] for seed in seeds("outcomefigure")}

    assert {groups[slug] for slug in worse} == {"mood", "suicidal-thoughts"}
    assert {"cochrane-pain", "etchison-migraine", "ekstrand-relapse"} <= set(groups)


def test_at_least_thirty_studies_are_ready_with_design_direction_and_a_way_to_look_them_up() -> (
    None
):
    studies = seeds("study")
    with_doi = [seed for seed in studies if seed.fields.get("doi")]

    assert len(studies) >= 40
    assert len(with_doi) >= 30
    assert {seed.fields["direction"] for seed in studies} == {
        "positive",
        "mixed",
        "negative",
        "background",
    }
    for study in studies:
        assert study.fields["design"], study.key
        assert study.fields["finding"], study.key
        assert study.fields["cite_verified"] in {"text", "secondary", "partly"}, study.key


def test_dois_are_well_formed_and_none_is_used_twice() -> None:
    dois = [seed.fields["doi"] for seed in seeds("study", ready=False) if "doi" in seed.fields]

    assert [doi for doi in dois if not re.fullmatch(r"10\.\d{4,9}/\S+", doi)] == []
    assert [doi for doi, count in Counter(doi.lower() for doi in dois).items() if count > 1] == []


def test_nobody_is_counted_in_a_study_that_counts_people_without_saying_how_many() -> None:
    without = {
        seed.slug
        for seed in seeds("study")
        if seed.fields["direction"] != "background" and "n" not in seed.fields
    }

    # Guidelines count no people; the abstract of Schwartzman and others gives no number.
    assert without == {"va-dod-ptsd-2023", "va-dod-suicide-2024", "cohen-2018", "schwartzman-2009"}


def test_every_group_of_studies_opens_with_more_than_one_direction() -> None:
    for group in ("depression", "other-mood", "suicidal-thoughts", "pain"):
        directions = [s.fields["direction"] for s in seeds("study") if s.fields["group"] == group]

        assert len(set(directions[:3])) >= 2, group
        assert directions[0] != "positive", group


def test_the_unfavorable_evidence_of_recent_years_is_listed() -> None:
    directions = {seed.slug: seed.fields["direction"] for seed in seeds("study")}

    for slug in (
        "jelovac-2025",
        "ferraro-2025",
        "va-dod-ptsd-2023",
        "abdallah-2022",
        "noppers-2011",
    ):
        assert directions[slug] == "negative"


def test_studies_kept_for_staff_stay_hidden() -> None:
    hidden = {s.slug for s in seeds("study", ready=False)} - {s.slug for s in seeds("study")}

    assert hidden == {"crane-2023", "urology-review-2025"}


def test_a_study_is_linked_only_where_its_address_is_of_the_publisher_or_an_agency() -> None:
    hosts = {seed.fields["url"].split("/")[2] for seed in seeds("study") if seed.fields.get("url")}

    assert hosts <= {"www.fda.gov", "dailymed.nlm.nih.gov", "www.psychiatrist.com"}
