"""``manage.py load_content``: fills what is missing, keeps what editors wrote, all or nothing."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pages.models import OutcomeFigure, Question, Release, Study
from pages.releases import live_content, working_content

pytestmark = pytest.mark.django_db

FILES = {
    "a.toml": """
[[question]]
slug = "driving-home"
question = "Can I drive home?"
answer = "<p>No.</p><script>x</script>"
topic = "practical"
cites = ["berman-2000"]

[[question]]
slug = "second"
question = "A second one?"
answer = "<p>Yes.</p>"
topic = "practical"

[[outcomefigure]]
slug = "ours"
group = "mood"
origin = "clinic_reported"
origin_note = "Clinic-reported"
headline = "75 in 100 had fewer symptoms"
low = 75.0
no_denominator_reason = "Not published."
comparator = "nothing"
measure = "not published"
time_point = "not published"
population = "mood patients"
condition = "depression"
caveat = "Not independently checked."
provenance = "This clinic."
context = ["theirs"]

[[outcomefigure]]
slug = "theirs"
group = "mood"
origin = "published"
origin_note = "Published"
headline = "54 in 100 responded"
low = 53.6
denominator = 537
comparator = "nothing"
measure = "half the score"
time_point = "after the course"
population = "patients"
condition = "depression"
study = "berman-2000"
provenance = "McInnes 2022."
""",
    "z.toml": """
[[study]]
slug = "berman-2000"
authors = "Berman RM"
title = "Antidepressant effects"
journal = "Biol Psychiatry"
year = 2000
doi = "10.1016/S0006-3223(99)00230-9"
group = "depression"
design = "crossover"
direction = "positive"
finding = "Improved."
reviewed_on = 2026-01-02
reviewed_by = "Dr. A"
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def _site(site_rows: None) -> None:
    """The files hold only part of a site; the rest is there."""


def load(folder: Path, **options: object) -> str:
    out = StringIO()
    call_command("load_content", folder=folder, stdout=out, **options)
    return out.getvalue()


def test_rows_are_created_across_files_with_their_references(folder: Path) -> None:
    said = load(folder)

    assert "5 rows written" in said
    assert Question.objects.get(slug="driving-home").cites.get().slug == "berman-2000"
    ours = OutcomeFigure.objects.get(slug="ours")
    assert ours.context.get().study == Study.objects.get()
    assert str(OutcomeFigure.objects.get(slug="theirs").low) == "53.6"


def test_the_order_in_the_file_is_the_order_on_the_page(folder: Path) -> None:
    load(folder)

    positions = Question.objects.order_by("position").values_list("slug", "position")
    assert list(positions) == [("driving-home", 10), ("second", 20)]


def test_markup_that_the_site_does_not_style_is_dropped(folder: Path) -> None:
    load(folder)

    assert Question.objects.get(slug="driving-home").answer == "<p>No.</p>"


def test_the_first_release_is_published_and_says_that_nobody_reviewed_it(folder: Path) -> None:
    load(folder)

    release = Release.objects.get()
    assert release.number == 1
    assert "review" in release.override_reason
    assert release.needs_second_person
    assert live_content() == working_content()


def test_loading_twice_changes_nothing(folder: Path) -> None:
    load(folder)
    before = working_content()

    said = load(folder)

    assert "0 rows written" in said
    assert working_content() == before
    assert Release.objects.count() == 1


def test_an_editors_work_is_kept(folder: Path) -> None:
    load(folder)
    Question.objects.filter(slug="second").update(answer="<p>Written by hand.</p>")

    load(folder)

    assert Question.objects.get(slug="second").answer == "<p>Written by hand.</p>"


def test_overwrite_sets_a_row_back(folder: Path) -> None:
    load(folder)
    question = Question.objects.get(slug="driving-home")
    question.cites.clear()
    Question.objects.update(answer="<p>Written by hand.</p>", is_on_home=True)

    said = load(folder, overwrite=True)

    assert "5 rows written" in said
    again = Question.objects.get(slug="driving-home")
    assert (again.pk, again.answer, again.is_on_home) == (question.pk, "<p>No.</p>", False)
    assert again.cites.count() == 1
    assert Release.objects.count() == 1


def test_rows_taken_out_of_the_files_stay(folder: Path) -> None:
    load(folder)
    (folder / "a.toml").write_text("")

    load(folder, overwrite=True)

    assert Question.objects.count() == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'topic = "practical"',
            'topic = "weather"',
            r"a.toml, \[\[question\]\] driving-home, topic",
        ),
        ('cites = ["berman-2000"]', 'cites = ["gone"]', r"driving-home, cites: there is no study"),
        (
            'cites = ["berman-2000"]',
            'cites = "berman-2000"',
            r"driving-home, cites: has to be a list",
        ),
        (
            'study = "berman-2000"',
            'study = "gone"',
            r"\[\[outcomefigure\]\] theirs, study: there is no",
        ),
        ('slug = "second"', 'slug = "driving-home"', r"driving-home, slug: is also in a.toml"),
        ('slug = "second"', 'slug = "not good!"', r"not good!, slug"),
        (
            'question = "A second one?"',
            'questoin = "?"',
            r"second, questoin: there is no such field",
        ),
        ('question = "A second one?"', "", r"second, question: This field cannot be blank"),
        ("low = 75.0", 'low = "many"', r"ours, low"),
        ("low = 75.0", "low = 75.0\nhigh = 70.0", r"ours: The upper end of a range"),
        ('caveat = "Not independently checked."', "", r"ours: A clinic-reported figure"),
        ("[[outcomefigure]]", "[[poem]]", r"a.toml: \[\[poem\]\] is not one of"),
        ("[[outcomefigure]]", "[[outcomefigure", r"a.toml: .*line"),
    ],
)
def test_bad_data_is_named_and_nothing_is_written(
    folder: Path, old: str, new: str, words: str
) -> None:
    text = FILES["a.toml"]
    assert old in text
    (folder / "a.toml").write_text(text.replace(old, new, 1))

    with pytest.raises(CommandError, match=words):
        load(folder)

    assert not Study.objects.exists()
    assert not Question.objects.exists()
    assert not Release.objects.exists()


def test_content_that_preflight_refuses_is_not_loaded(folder: Path) -> None:
    (folder / "a.toml").write_text(FILES["a.toml"].replace("<p>Yes.</p>", "<p>A miracle cure.</p>"))

    with pytest.raises(CommandError, match=r"question:second: \(pages.E008\)"):
        load(folder)

    assert not Question.objects.exists()


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no \.toml files"):
        load(tmp_path)
