"""The project's own tables."""

from clinic_site.staff.models import SharedCounter

__all__ = ["SharedCounter"]
