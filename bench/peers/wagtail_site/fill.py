"""Make the tables, a page of about PEER_BYTES bytes at ``/``, and a form with six fields."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagtail_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

# Made anew each time: a migration in the repository would belong to one version of Wagtail.
call_command("makemigrations", "wagtail_site", verbosity=0)
call_command("migrate", verbosity=0)

from wagtail.models import Page, Site  # noqa: E402
from wagtail_site.models import FormField, FormPage, TextPage  # noqa: E402

BLOCKS = 16
WORDS = "Some people feel better after an infusion and some do not; we say who counted. "
around = 2_300  # bytes of the page that are not text
times = max(1, (int(os.environ["PEER_BYTES"]) - around) // BLOCKS // len(WORDS))
body = []
for number in range(BLOCKS):
    body.append(("heading", f"Question {number}"))
    body.append(("text", f"<p>{WORDS * times}<b>See</b> a clinician.</p>"))
root = Page.get_first_root_node()
home = root.add_child(instance=TextPage(title="Home", slug="start", body=body))
Site.objects.update(root_page=home)
for number in range(12):
    home.add_child(
        instance=TextPage(
            title=f"Page {number}", slug=f"page-{number}", body=body[:2], show_in_menus=True
        )
    )
page = home.add_child(instance=FormPage(title="Contact", slug="contact", show_in_menus=True))
kinds = (
    ("name", "singleline"),
    ("phone", "singleline"),
    ("email", "email"),
    ("state", "singleline"),
    ("comment", "multiline"),
    ("call consent", "checkbox"),
)
for label, kind in kinds:
    FormField.objects.create(page=page, label=label, field_type=kind, required=False)
FormPage.objects.get(pk=page.pk).save_revision().publish()
