"""The project package is an app of its own for its commands and checks; Django's admin, when asked for."""

from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class ClinicSiteConfig(AppConfig):
    default = True
    name = "clinic_site"
    verbose_name = "clinic site"

    def ready(self) -> None:
        from clinic_site import checks  # noqa: F401


class AdminConfig(SimpleAdminConfig):
    """The admin without its forms until its addresses are asked for.

    They are a tenth of what every process reads at its start, and the public role, the worker and
    most commands never use them.
    """

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_admin, checks.Tags.admin)


def check_admin(**options: Any) -> list[checks.CheckMessage]:
    """What Django checks of an admin, of all its forms."""
    autodiscover()
    return check_admin_app(**options)
