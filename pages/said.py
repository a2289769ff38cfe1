"""States with a name for staff, who read it in their own language."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext


class Said(Enum):
    """The value of each member is its name in English."""

    @property
    def words(self) -> str:
        return gettext(self.value)
