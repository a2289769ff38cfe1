from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.blocks import CharBlock, RichTextBlock
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.fields import StreamField
from wagtail.models import Page


class TextPage(Page):
    body = StreamField([("heading", CharBlock()), ("text", RichTextBlock())])
    template = "text_page.html"


class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractForm):
    template = "form_page.html"
    landing_page_template = "landing.html"
