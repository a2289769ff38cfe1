from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from intake import append_only


def install(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    append_only.install(editor.connection)


def remove(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="PurgeTombstone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("submission_key", models.UUIDField()),
                ("reference", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=20)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("submission_key", "at"), name="tombstone_once")
                ],
            },
        ),
        migrations.RunPython(install, remove, elidable=False),
    ]
