"""What search engines for data are told of the whole database, after schema.org's Dataset."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.absolute_urls import absolute
from factcheck.exports.claimreview import license_url

_DOORS = {
    "claim-csv": "text/csv",
    "claim-jsonl": "application/jsonl",
    "claimreview-feed": "application/ld+json",
}


def dataset() -> dict[str, Any]:
    """Return the schema.org Dataset of all that is published, with where it is to be had."""
    publisher = settings.FACTCHECK_PUBLISHER
    home = absolute(reverse("home"))
    found = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": publisher,
        "description": _("Claims, the outlets cited for them, and what was found."),
        "url": absolute(reverse("api")),
        "creator": {"@type": "Organization", "name": publisher, "url": home},
        "isAccessibleForFree": True,
        "license": license_url(),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": form,
                "contentUrl": absolute(reverse(door)),
            }
            for door, form in _DOORS.items()
        ],
    }
    return {name: value for name, value in found.items() if value is not None}
