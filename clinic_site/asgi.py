"""The web server's entrance: pages from memory at once, everything else from Django in a thread."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")

_whole = get_wsgi_application()

from clinic_site import patience  # noqa: E402  these read the settings
from clinic_site.front import Front  # noqa: E402
from clinic_site.in_threads import InThreads  # noqa: E402
from clinic_site.strangers import Django  # noqa: E402

django = Django(_whole)
patience.begin()
application = Front(InThreads(django))
