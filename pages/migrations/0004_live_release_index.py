"""The index that answers which release is live, without reading past the content."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_previews_redirects_photos")]

    operations = [
        migrations.RemoveIndex("release", "release_live"),
        migrations.AddIndex(
            "release",
            models.Index(
                fields=["-live_from", "-number", "approved_at", "built_at"],
                condition=Q(approved_at__isnull=False),
                name="release_live",
            ),
        ),
    ]
