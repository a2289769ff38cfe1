"""The project package is an app of its own for its commands and checks."""

from django.apps import AppConfig


class ClinicSiteConfig(AppConfig):
    name = "clinic_site"
    verbose_name = "clinic site"

    def ready(self) -> None:
        from clinic_site import checks  # noqa: F401
