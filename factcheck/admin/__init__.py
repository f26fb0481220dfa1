"""The editors' desk: Django's admin, with the roles and the verbs of `factcheck.editing`."""

from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from factcheck.admin import (
    citations,
    claimants,
    claims,
    imports,
    merging,
    outlets,
    verification_log,
)

admin.site.site_header = settings.FACTCHECK_PUBLISHER
admin.site.site_title = settings.FACTCHECK_PUBLISHER
# Lists are wide: what a claim rests on must be in sight.
admin.site.enable_nav_sidebar = False
admin.site.index_title = _("Editors' desk")

__all__ = ["citations", "claimants", "claims", "imports", "merging", "outlets", "verification_log"]
