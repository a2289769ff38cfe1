"""A reminder is claimed before it is mailed, so that no transaction is open meanwhile."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("pages", "0005_translations")]

    operations = [
        migrations.AddField(
            model_name="reviewwarning",
            name="claimed_at",
            field=models.DateTimeField(
                default=timezone.now, help_text="since when a process has been at it"
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="reviewwarning",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
