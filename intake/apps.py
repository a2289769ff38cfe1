"""Requests that visitors send and coordinators answer."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "callback intake"
