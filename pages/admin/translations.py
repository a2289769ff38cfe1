"""What rows say in other languages."""

from __future__ import annotations

from django.contrib import admin

from pages.admin.base import RowAdmin
from pages.models import Translation


@admin.register(Translation)
class TranslationAdmin(RowAdmin):
    search_fields = ["of", "words"]
    list_display = ["of", "language", "reviewed_on", "is_ready"]
