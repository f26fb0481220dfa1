"""The WSGI entry point for production servers."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from factcheck import database_file

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")

application = get_wsgi_application()
# All pages, before the first reader asks for one.
get_resolver().url_patterns  # noqa: B018
database_file.close_at_exit()
