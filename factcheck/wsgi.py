"""The WSGI entry point for production servers."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from factcheck.db import database_file
from factcheck.http.outages import limit_waits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")

application = get_wsgi_application()
# Pages give up before a proxy does. Here, for only what serves comes by.
limit_waits()
# All pages, before the first reader asks for one.
get_resolver().url_patterns  # noqa: B018
database_file.close_connections_at_exit()
