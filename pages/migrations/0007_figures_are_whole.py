"""What the database holds of figures and studies, whoever writes to them."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models


def name_studies_without_a_year(apps, schema_editor):
    """Forms let any number pass until now. Whoever brings the database up to date has to know where."""
    studies = apps.get_model("pages", "Study").objects.exclude(year__range=(1900, 2100))
    if names := ", ".join(f"{slug} ({year})" for slug, year in studies.values_list("slug", "year")):
        raise ValueError(f"Put the year of these studies right in the version before this: {names}")


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0006_reminders_are_claimed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(name_studies_without_a_year, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="study",
            name="year",
            field=models.PositiveSmallIntegerField(
                validators=[
                    django.core.validators.MinValueValidator(1900),
                    django.core.validators.MaxValueValidator(2100),
                ]
            ),
        ),
        migrations.AddConstraint(
            model_name="figurepart",
            constraint=models.CheckConstraint(
                condition=models.Q(("people__range", (0, 100))),
                name="figurepart_is_of_100_people",
                violation_error_message="A share of one hundred people is between 0 and 100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomefigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("low__isnull", True), ("low__range", (0, 100)), _connector="OR"),
                    models.Q(("high__isnull", True), ("high__range", (0, 100)), _connector="OR"),
                    models.Q(
                        ("comparator_percent__isnull", True),
                        ("comparator_percent__range", (0, 100)),
                        _connector="OR",
                    ),
                ),
                name="figure_percents_are_of_100",
                violation_error_message="A percentage is between 0 and 100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomefigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("headline", ""),
                    ("origin_note", ""),
                    ("comparator", ""),
                    ("measure", ""),
                    ("time_point", ""),
                    ("population", ""),
                    ("condition", ""),
                    ("provenance", ""),
                    _connector="OR",
                    _negated=True,
                ),
                name="figure_says_its_circumstances",
                violation_error_message="A figure says what was measured, when, in whom, and compared with what.",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__range", (1900, 2100))),
                name="study_year_is_a_year",
                violation_error_message="The year has four digits.",
            ),
        ),
    ]
