"""The one table signing in needs beyond the libraries' own."""

from __future__ import annotations

from django.db import models


class SharedCounter(models.Model):
    """The table behind ``CACHES["default"]``: attempts at guessing, and one-time codes already used.

    It is Django's database cache in the shape that ``createcachetable`` makes, as a model so that
    ``migrate`` makes it too. Why the database: an entry is added under a primary key, so of two
    processes that add the same one only one succeeds, on SQLite and on PostgreSQL. Django's file
    cache looks first and writes afterwards, and its memory cache is not shared.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "clinic_shared_counter"

    def __str__(self) -> str:
        return self.cache_key
