"""Content that staff edit and patients read."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = _("Site content")

    def ready(self) -> None:
        from pages.names import translate_names

        translate_names(self.get_models())
