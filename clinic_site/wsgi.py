"""The web server's entrance: pages from memory, everything else from Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")

_django = get_wsgi_application()

from clinic_site import patience  # noqa: E402  both read the settings
from clinic_site.front import Front  # noqa: E402

patience.begin()
application = Front(_django)
