"""Words that suggest danger put 988 first; plain history does not."""

import tomllib

import pytest

from intake.phrases import PHRASES, has_crisis_wording, plain_words

DANGER = [
    "I want to die",
    "i just want to just die",
    "I don\u2019t want to be here anymore",
    "Some days I want to kill myself.",
    "thinking about KILLING MYSELF",
    "I have been feeling suicidal for weeks",
    "suicidle thoughts every night",
    "My son says he wants to die",
    "She said she will kill herself",
    "I can't go on like this",
    "they would be better off without me",
    "I took all my pills yesterday",
    "kms",
    "i wi\u200bsh i was dead",
    "want\nto\ndie",
    "I\u2019m not suicidal but I want to die",
    "Quiero morirme",
    "ya no quiero vivir",
    "Pienso en el suicidio a diario",
    "quiero quitarme la vida",
    "tengo pensamientos suicidas",
    "Estarían mejor sin mí",
    "quiero hacerme daño",
]

NO_DANGER = [
    "",
    "my grandmother died by suicide in 1998",
    "My brother killed himself when I was ten",
    "This migraine is killing me",
    "I am dying to know the price",
    "I would die for one good night of sleep",
    "I am not suicidal, only tired",
    "I have never been suicidal",
    "I volunteer for suicide prevention",
    "my phone died, please call the other number",
    "I want to diet before the first visit",
    "mi abuela murió por suicidio",
    "no soy suicida, solo estoy cansado",
    "Me matan las migrañas",
    "Please call after noon, I work in the morning",
    "myself and my wife kill time in the evening",
]


@pytest.mark.parametrize("text", DANGER)
def test_wording_of_danger_matches(text: str) -> None:
    assert has_crisis_wording(text)


@pytest.mark.parametrize("text", NO_DANGER)
def test_other_wording_does_not_match(text: str) -> None:
    assert not has_crisis_wording(text)


def test_a_harmless_phrase_does_not_glue_its_neighbours_into_a_dangerous_one() -> None:
    assert not has_crisis_wording("kill not suicidal myself")


def test_every_phrase_of_the_list_is_written_so_that_it_can_match() -> None:
    lists = tomllib.loads(PHRASES.read_text(encoding="utf-8"))

    for phrase in lists["english"] + lists["spanish"]:
        example = phrase.replace("*", "really")
        assert plain_words(example) == example, phrase
        assert has_crisis_wording(example), phrase
    for phrase in lists["harmless"]:
        assert plain_words(phrase) == phrase
        assert not has_crisis_wording(phrase)
