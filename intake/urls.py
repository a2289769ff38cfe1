"""The form and its confirmation, under /contact/."""

from django.urls import path

from intake import views

app_name = "intake"
urlpatterns = [
    path("", views.contact, name="contact"),
    path("received/", views.received, name="received"),
]
