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
    "My daughter attempted suicide last night",
    "I keep having suicide thoughts",
    "Everyone should have it easier, I should be dead",
    "I think about driving off, I could jump off a bridge",
    "I\u2019m so tired of living like this",
    "I don\u2019t want to be here, it hurts too much",
    "He has been talking about killing himself",
    "she tried to take her own life",
    "I overdosed on Friday",
    "Tengo pensamientos de suicidio",
    "Mi hijo dice que se quiere morir",
    "estoy cansada de vivir as\u00ed",
    "No quiero estar aqu\u00ed nunca m\u00e1s",
    "pienso en cortarme las venas",
    "ME QUIERO SUICIDAR",
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
    "no history of suicide attempts",
    "My father took his life when I was a child",
    "I am dead tired and my legs are killing me",
    "I want to live without this pain",
    "I hung up, please call again",
    "Do you treat people after the loss of a spouse?",
    "mi padre se suicid\u00f3 hace a\u00f1os",
    "No tengo pensamientos suicidas",
    "estoy muerta de cansancio",
    "Quiero vivir sin dolor",
    "Quiero cortarme el pelo antes de ir",
    "no puedo dormir por el dolor",
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
