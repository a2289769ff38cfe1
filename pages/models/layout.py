"""Pages, what stands on them, and the links that lead to them."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.models.figures import Study
from pages.models.photos import Photo
from pages.models.rows import ReviewedRow, Row
from pages.rich import rich_text

path_validator = RegexValidator(
    r"^/([a-z0-9]+(-[a-z0-9]+)*/)*$", _("Write it as /how-it-works/, in small letters.")
)


class Page(ReviewedRow):
    """One address of the site. Its sections say what stands on it."""

    path = models.CharField("address", max_length=120, unique=True, validators=[path_validator])
    title = models.CharField("heading", max_length=120)
    meta_title = models.CharField(_("title in the browser and in search results"), max_length=70)
    meta_description = models.CharField(_("description for search results"), max_length=170)
    lead = models.TextField(_("opening lines"), blank=True)
    is_treatment = models.BooleanField(
        _("about treatment"),
        default=False,
        help_text=_("Then the off-label notice and the link to the risks stand under its heading."),
    )
    shows_call = models.BooleanField(_("ends with the ways to reach us"), default=True)
    is_calm = models.BooleanField(_("quiet layout"), default=False)
    social_photo = models.ForeignKey(
        Photo,
        verbose_name=_("photo when shared"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown where somebody shares the page. Empty: a picture with its heading."),
    )

    class Meta(ReviewedRow.Meta):
        pass

    def __str__(self) -> str:
        return self.title


class Section(ReviewedRow):
    """A part of a page. Its kind chooses the template and what it lists."""

    class Kind(models.TextChoices):
        HERO = "hero", _("Opening of the home page, with the tree and the off-label ground")
        PROSE = "prose", _("Text")
        YEARS = "years", _("Text with a line of years (items)")
        LOOKS = "looks", _("Three round drawings, text below (items)")
        MECHANISM_TEASER = "mechanism_teaser", _("The four mechanisms in short")
        MECHANISMS = "mechanisms", _("The four mechanisms, drawn")
        CHAIN = "chain", _("A hypothesis step by step (items)")
        SCALES = "scales", _("One figure beside the risks (home page)")
        COURSE = "course", _("The course as a thread, with the steps of a course")
        STEPS = "steps", _("Steps of one phase")
        FIGURES = "figures", _("Outcome figures of one group")
        STUDIES = "studies", _("Studies of one group")
        QUESTIONS = "questions", _("Questions of one topic")
        HOME_QUESTIONS = "home_questions", _("The questions marked for the home page")
        RISKS = "risks", _("Table of risks (items)")
        LIST = "list", _("Text with a plain list in columns (items)")
        CALLOUTS = "callouts", _("Framed warnings side by side (items)")
        DOORS = "doors", _("The ways to reach help in a crisis")
        CONDITION = "condition", _("One condition: what the evidence says")
        NOTICES = "notices", _("Notices of one kind")

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PROSE)
    heading = models.CharField(max_length=120)
    aside = rich_text(_("beside the heading"))
    body = rich_text("text")
    photo = models.ForeignKey(
        Photo,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Stands above the text."),
    )
    lists = models.CharField(
        _("which ones it lists"),
        max_length=40,
        blank=True,
        help_text=_(
            "For steps the phase, for figures and studies the group, for questions the topic, "
            "for notices the kind."
        ),
    )
    cites = models.ManyToManyField(
        Study, blank=True, related_name="+", help_text=_("Named in the small print under the text.")
    )
    provenance = models.CharField(_("small print"), max_length=400, blank=True)
    link_label = models.CharField(max_length=80, blank=True)
    link_path = models.CharField(max_length=120, blank=True)
    is_broad = models.BooleanField(_("full width"), default=False)
    is_band = models.BooleanField(_("on a tinted band"), default=False)

    class Meta(ReviewedRow.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.page}: {self.heading}"


class SectionItem(Row):
    """One entry of a section that lists its own: a year, a step of a chain, a risk."""

    class Status(models.TextChoices):
        NONE = "", _("none")
        KNOWN = "known", _("established (solid frame)")
        PROPOSED = "proposed", _("proposed (dotted frame)")
        STOP = "stop", _("danger")
        WARN = "warn", _("caution")

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="items")
    heading = models.CharField(max_length=120, blank=True)
    body = rich_text("text")
    drawing = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, blank=True)

    def __str__(self) -> str:
        return self.heading or self.slug


class NavLink(Row):
    """One entry of the header or the footer. Navigation is data."""

    class Area(models.TextChoices):
        HEADER = "header", _("header")
        FOOTER = "footer", _("footer")

    area = models.CharField(max_length=8, choices=Area.choices)
    label = models.CharField(max_length=40)
    target = models.CharField(
        max_length=200,
        help_text=_("A path of this site such as /faq/ or /#course, or an https:// address."),
        validators=[RegexValidator(r"^(/|https://)\S*$", _("Start with / or https://"))],
    )

    class Meta(Row.Meta):
        verbose_name = _("navigation link")

    def __str__(self) -> str:
        return f"{self.label} ({self.get_area_display()})"


class Redirect(Row):
    """An address that a page had once, and where its readers are sent now.

    ``pages.redirects`` writes these rows, so that none leads to another one.
    """

    from_path = models.CharField(
        _("old address"), max_length=120, unique=True, validators=[path_validator]
    )
    to_path = models.CharField(_("leads to"), max_length=120, validators=[path_validator])

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                name="redirect_leads_elsewhere",
                condition=~Q(from_path=F("to_path")),
                violation_error_message=_("An address cannot lead to itself."),
            )
        ]

    def __str__(self) -> str:
        return gettext("%(from_path)s leads to %(to_path)s") % {
            "from_path": self.from_path,
            "to_path": self.to_path,
        }
