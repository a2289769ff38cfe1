"""The rows that staff edit, and the releases that visitors read."""

from pages.models.figures import FigurePart, OutcomeFigure, Study
from pages.models.layout import NavLink, Page, Redirect, Section, SectionItem
from pages.models.photos import Photo
from pages.models.policy import PublishingPolicy
from pages.models.preview import PreviewLink
from pages.models.release import Release
from pages.models.reviews import ReviewWarning
from pages.models.rows import (
    ClinicProfile,
    CrisisLine,
    Mechanism,
    Notice,
    Question,
    Row,
    TreatmentStep,
)
from pages.models.translation import Translation

# Every kind of content row, in the order in which a release lists them: a row
# comes after the rows it refers to.
CONTENT_MODELS: tuple[type[Row], ...] = (
    ClinicProfile,
    CrisisLine,
    Study,
    Photo,
    Page,
    Section,
    SectionItem,
    NavLink,
    Redirect,
    Mechanism,
    TreatmentStep,
    OutcomeFigure,
    FigurePart,
    Question,
    Notice,
    Translation,
)

__all__ = [
    "CONTENT_MODELS",
    "ClinicProfile",
    "CrisisLine",
    "FigurePart",
    "Mechanism",
    "NavLink",
    "Notice",
    "OutcomeFigure",
    "Page",
    "Photo",
    "PreviewLink",
    "PublishingPolicy",
    "Question",
    "Redirect",
    "Release",
    "ReviewWarning",
    "Row",
    "Section",
    "SectionItem",
    "Study",
    "Translation",
    "TreatmentStep",
]
