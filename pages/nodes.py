"""The rows of a release as templates see them: frozen, typed, their references resolved.

One class per model, with the model's field names. ``<field>_label`` is the wording
of a choice. References are left out of comparisons: two rows are equal when what
they say and what hangs below them is equal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TypeVar, cast

from django.utils.translation import gettext as _

from pages.languages import ENGLISH, speaking
from pages.photos import TYPES, file_name, social_name, widths_of

T = TypeVar("T")


class Lookup(Mapping[str, T]):
    """A read-only dictionary that answers a missing key with an empty tuple.

    Django's templates ask a mapping for ``items`` before they call its method, so
    the names of methods stay missing keys.
    """

    def __init__(self, entries: Mapping[str, T]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> T:
        if name in {"items", "keys", "values", "get"}:
            raise KeyError(name)
        return self._entries.get(name, ())  # type: ignore[return-value]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True, kw_only=True)
class Node:
    key: str
    slug: str
    is_ready: bool
    position: int
    language: str = ENGLISH  # of its words; on a translated site some rows are still in English


@dataclass(frozen=True, kw_only=True)
class Reviewed(Node):
    reviewed_on: dt.date | None
    reviewed_by: str
    review_due_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class ClinicProfile(Node):
    name: str
    tagline: str
    legal_name: str
    phone_word: str
    phone_digits: str
    phone_e164: str
    callback_hours_min: int
    callback_hours_max: int
    email: str
    address: str
    states_served: str
    opening_hours: str
    npp_url: str


@dataclass(frozen=True, kw_only=True)
class CrisisLine(Node):
    label: str
    href: str
    detail: str
    lang: str
    is_in_banner: bool
    is_door: bool
    is_immediate_danger: bool


@dataclass(frozen=True, kw_only=True)
class Study(Reviewed):
    authors: str
    title: str
    journal: str
    year: int
    locator: str
    doi: str
    pmid: str
    pmcid: str
    url: str
    group: str
    group_label: str
    design: str
    n: int | None
    direction: str
    direction_label: str
    finding: str
    cite_verified: str
    cite_verified_label: str


@dataclass(frozen=True, kw_only=True)
class Photo(Node):
    label: str
    digest: str
    width: int
    height: int
    alt: str
    is_decorative: bool
    caption: str
    focal_x: int
    focal_y: int

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """For each format its type and its ``srcset``; the format that every browser knows last."""
        return tuple(
            (kind, ", ".join(f"{self._address(w, ending)} {w}w" for w in widths_of(self.width)))
            for ending, kind in TYPES.items()
        )

    @property
    def address(self) -> str:
        return self._address(self.width, "jpg")

    @property
    def social_address(self) -> str:
        return f"/photos/{social_name(self.digest, self.focal_x, self.focal_y)}"

    @property
    def focal_class(self) -> str:
        """What matters stays in view where the photo is cut; a class, for styles stay in files."""
        return f"focal-x-{round(self.focal_x, -1)} focal-y-{round(self.focal_y, -1)}"

    def _address(self, width: int, ending: str) -> str:
        return f"/photos/{file_name(self.digest, width, ending)}"


@dataclass(frozen=True, kw_only=True)
class Page(Reviewed):
    path: str
    title: str
    meta_title: str
    meta_description: str
    lead: str
    is_treatment: bool
    shows_call: bool
    is_calm: bool
    social_photo: Photo | None = field(default=None, repr=False, compare=False)
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section(Reviewed):
    page: Page = field(default=cast("Page", None), repr=False, compare=False)
    kind: str
    kind_label: str
    heading: str
    aside: str
    body: str
    photo: Photo | None = field(default=None, repr=False, compare=False)
    lists: str
    cites: tuple[Study, ...] = field(default=(), repr=False, compare=False)
    provenance: str
    link_label: str
    link_path: str
    is_broad: bool
    is_band: bool
    entries: tuple[SectionItem, ...] = ()
    listed: tuple[Node, ...] = field(default=(), repr=False, compare=False)

    @property
    def template(self) -> str:
        return f"pages/sections/{self.kind}.html"


@dataclass(frozen=True, kw_only=True)
class SectionItem(Node):
    section: Section = field(default=cast("Section", None), repr=False, compare=False)
    heading: str
    body: str
    drawing: str
    status: str
    status_label: str


@dataclass(frozen=True, kw_only=True)
class NavLink(Node):
    area: str
    area_label: str
    label: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Redirect(Node):
    from_path: str
    to_path: str


@dataclass(frozen=True, kw_only=True)
class Mechanism(Reviewed):
    heading: str
    term: str
    summary: str
    body: str
    drawing: str
    drawing_alt: str
    legend: str
    animals_label: str
    animals_text: str
    people_label: str
    people_text: str

    @property
    def legend_parts(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.legend.splitlines() if line.strip())


@dataclass(frozen=True, kw_only=True)
class TreatmentStep(Reviewed):
    phase: str
    phase_label: str
    heading: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Question(Reviewed):
    question: str
    answer: str
    topic: str
    topic_label: str
    is_on_home: bool
    cites: tuple[Study, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Notice(Reviewed):
    kind: str
    kind_label: str
    heading: str
    short: str
    body: str
    hidden_from: dt.date | None


@dataclass(frozen=True)
class Segment:
    """People of one hundred who are drawn alike. ``label`` is empty when nothing needs saying."""

    people: int
    glyph: str
    label: str = ""


@dataclass(frozen=True)
class Arm:
    """One picture of one hundred people; ``label`` is empty when a figure has only one."""

    label: str
    segments: tuple[Segment, ...]
    alt: str


@dataclass(frozen=True, kw_only=True)
class FigurePart(Node):
    figure: OutcomeFigure = field(default=cast("OutcomeFigure", None), repr=False, compare=False)
    arm: str
    people: int
    label: str
    glyph: str
    glyph_label: str


@dataclass(frozen=True, kw_only=True)
class OutcomeFigure(Reviewed):
    group: str
    group_label: str
    origin: str
    origin_label: str
    origin_note: str
    headline: str
    body: str
    low: Decimal | None
    high: Decimal | None
    numerator: int | None
    denominator: int | None
    no_denominator_reason: str
    comparator: str
    comparator_percent: Decimal | None
    measure: str
    time_point: str
    period: str
    population: str
    n: int | None
    condition: str
    route: str
    dose: str
    study: Study | None = field(default=None, repr=False, compare=False)
    more_studies: tuple[Study, ...] = field(default=(), repr=False, compare=False)
    context: tuple[OutcomeFigure, ...] = field(default=(), repr=False, compare=False)
    caveat: str
    provenance: str
    parts: tuple[FigurePart, ...] = ()
    is_withheld: bool = False  # its review is overdue, and it has lost its words

    @property
    def is_clinic_reported(self) -> bool:
        return self.origin == "clinic_reported"

    @property
    def studies_cited(self) -> tuple[Study, ...]:
        own = (self.study,) if self.study else ()
        return own + tuple(study for study in self.more_studies if study is not self.study)

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """Ready to draw: from the parts where there are any, else from the percentages; said in
        the language of the figure, whoever asks first."""
        with speaking(self.language):
            return self._arms()

    def _arms(self) -> tuple[Arm, ...]:
        if self.parts:
            names = dict.fromkeys(part.arm for part in self.parts)
            return tuple(self._arm_of_parts(name) for name in names)
        if self.low is None:
            return ()
        if self.comparator_percent is None:
            return (self._arm_of_percent("", self.low, self.high),)
        return (
            self._arm_of_percent(_("Ketamine"), self.low, self.high),
            self._arm_of_percent(self.comparator, self.comparator_percent, None),
        )

    def _arm_of_parts(self, name: str) -> Arm:
        segments = [
            Segment(part.people, part.glyph, part.label) for part in self.parts if part.arm == name
        ]
        said = "; ".join(f"{segment.people} {segment.label}" for segment in segments)
        rest = 100 - sum(segment.people for segment in segments)
        if rest > 0:
            segments.append(Segment(rest, "off"))
        return Arm(
            name, tuple(segments), _with_name(name, _("of 100 people, %(said)s") % {"said": said})
        )

    def _arm_of_percent(self, name: str, low: Decimal, high: Decimal | None) -> Arm:
        filled, half = ("said", "maybe") if self.is_clinic_reported else ("on", "part")
        sure = whole_people(low)
        upto = sure if high is None else max(sure, whole_people(high))
        segments = [
            Segment(sure, filled),
            Segment(upto - sure, half),
            Segment(100 - upto, "off"),
        ]
        if upto == sure:
            alt = _("%(sure)s of 100 figures filled") % {"sure": sure}
        else:
            alt = _(
                "%(sure)s to %(upto)s of 100 figures: %(sure)s filled, "
                "%(half)s half filled to show the range"
            ) % {"sure": sure, "upto": upto, "half": upto - sure}
        return Arm(name, tuple(s for s in segments if s.people), _with_name(name, alt))


def whole_people(percent: Decimal) -> int:
    """A percentage as whole people of one hundred, halves rounded up."""
    return int(percent.quantize(Decimal(1), ROUND_HALF_UP))


def _with_name(name: str, alt: str) -> str:
    return f"{name}: {alt}" if name else alt[0].upper() + alt[1:]
