"""The clinic's policy on second persons: one row, and who changed it last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.live import user_of
from pages.models import PublishingPolicy

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[PublishingPolicy]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(PublishingPolicy)
class PublishingPolicyAdmin(ModelAdmin):
    list_display = ["__str__", "changed_by", "changed_at"]
    readonly_fields = ["changed_by", "changed_at"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "A medical statement is a figure, a study, a mechanism, a treatment "
                    "step, a safety or off-label notice, a crisis line, a question about treatment, "
                    "evidence or safety, whatever stands on a page about treatment, on the safety page "
                    "or on the page for thoughts of suicide, and anything that cites a study or that a "
                    "clinician has signed. Proposals that wait already go on waiting."
                ),
                "fields": ["second_person"],
            },
        ),
        (_("Who set it"), {"fields": [("changed_by", "changed_at")]}),
    ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """What holds now, also where nobody has ever set it."""
        holds = PublishingPolicy.now().get_second_person_display()
        title = gettext("Publishing policy: a second person has to approve, %(holds)s") % {
            "holds": holds
        }
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def save_model(
        self, request: HttpRequest, obj: PublishingPolicy, form: Any, change: bool
    ) -> None:
        obj.changed_by = user_of(request)
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one policy."""
        return super().has_add_permission(request) and not PublishingPolicy.objects.exists()

    def has_delete_permission(
        self, request: HttpRequest, obj: PublishingPolicy | None = None
    ) -> bool:
        return False
