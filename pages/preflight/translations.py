"""What readers of another language do not get yet."""

from __future__ import annotations

from collections.abc import Iterator

from pages.languages import OWN_NAMES
from pages.preflight.registry import Finding, warning
from pages.site import Site
from pages.translations import State


@warning("pages.W013", hint="Readers see the English there. Translate what is missing or new.")
def translation_not_shown(site: Site) -> Iterator[Finding]:
    for key, state in site.states.items():
        if state in {State.OUTDATED, State.PARTLY}:
            yield key, f"{OWN_NAMES[site.language]}: {state.value}."


@warning("pages.W014", hint="Ask one, then enter the name and the day with each translation.")
def awaiting_a_translator(site: Site) -> Iterator[Finding]:
    waiting = sum(state is State.AWAITING for state in site.states.values())
    if waiting:
        what = f"{waiting} texts await" if waiting > 1 else "1 text awaits"
        yield "", f"{OWN_NAMES[site.language]}: {what} a qualified translator's review."
