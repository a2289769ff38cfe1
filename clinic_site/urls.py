"""Where the two apps meet. Roles choose which doors exist."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from clinic_site import errors, gallery, headers, health, security_txt
from clinic_site.metrics import metrics
from clinic_site.staff import access

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path(".well-known/security.txt", security_txt.security_txt, name="security-txt"),
    path("csp-report/", headers.receive_report, name="csp-report"),
    # The form in each language; pages in other languages are pages of the site like all others.
    *i18n_patterns(path("contact/", include("intake.urls")), prefix_default_language=False),
    path("components/", gallery.gallery, name="gallery"),
    path("components/<slug:name>/", gallery.component, name="gallery-component"),
    path("components/whole/<slug:name>/", gallery.whole_page, name="gallery-page"),
]
if settings.ROLE != "public":
    admin.autodiscover()
    urlpatterns += [
        path("", include("clinic_site.staff.urls")),
        path(f"{settings.DESK_PATH}/", include("intake.desk.urls")),
        path(f"{settings.ADMIN_PATH}/", include("clinic_site.staff.admin_door")),
        path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    ]
urlpatterns += [path("", include("pages.urls"))]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = access.too_many  # asked for by django-allauth
handler500 = errors.server_error
