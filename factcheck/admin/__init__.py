"""The editors' admin: Django's, with the roles and functions of `factcheck.editing`."""

from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from factcheck.admin import (
    citations,
    claimants,
    claims,
    import_batches,
    merging,
    outlets,
    verifications,
)

admin.site.site_header = settings.FACTCHECK_PUBLISHER
admin.site.site_title = settings.FACTCHECK_PUBLISHER
# Lists are wide: the sidebar would push the counts of sources out of sight.
admin.site.enable_nav_sidebar = False
admin.site.index_title = _("Editors' desk")
