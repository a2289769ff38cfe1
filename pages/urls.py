"""Addresses of the public site. Pages are rows, so one pattern serves them all."""

from django.conf import settings
from django.urls import path, re_path

from pages import preview, views

app_name = "pages"

urlpatterns = [
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("speculation-rules.json", views.speculation_rules, name="speculation-rules"),
    re_path(
        r"^photos/(?P<name>[0-9a-f]{32}-(?:[0-9]{3,4}|social-[0-9]{1,3}-[0-9]{1,3})\.(?:avif|webp|jpg))$",
        views.photo,
        name="photo",
    ),
    re_path(r"^(?:es/)?search/?$", views.search, name="search"),
    re_path(
        r"^social/(?P<slug>[a-z0-9-]+)-(?P<digest>[0-9a-f]{16})\.png$",
        views.picture,
        name="picture",
    ),
    re_path(r"^(?P<path>.*)$", views.page, name="page"),
]
if settings.ROLE != "public":  # that one may read nothing but releases
    urlpatterns[:0] = [
        re_path(
            r"^preview/(?P<which>working|[0-9]{1,9})/(?P<path>.*)$",
            preview.preview,
            name="preview",
        ),
        re_path(
            r"^preview-frame/(?P<which>working|[0-9]{1,9})/(?P<path>.*)$",
            preview.preview_frame,
            name="preview-frame",
        ),
        re_path(
            r"^p/(?P<token>[A-Za-z0-9_.-]{30,120})/(?P<path>.*)$",
            preview.shared,
            name="preview-shared",
        ),
    ]
