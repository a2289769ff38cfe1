"""Django alone, for servers that know nothing but WSGI: each page is Django's to answer."""

from clinic_site.asgi import django

application = django
