"""The description of all published data for search engines, as a schema.org Dataset."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.absolute_urls import absolute_url
from factcheck.exports.claimreview import license_url

_DOWNLOADS = {
    "claim-csv": "text/csv",
    "claim-jsonl": "application/jsonl",
    "claimreview-feed": "application/ld+json",
}


def dataset() -> dict[str, Any]:
    """Return the schema.org Dataset of all published data, with the addresses of its downloads."""
    publisher = settings.FACTCHECK_PUBLISHER
    home = absolute_url(reverse("home"))
    description = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": publisher,
        "description": _("Claims, the outlets cited for them, and what was found."),
        "url": absolute_url(reverse("api")),
        "creator": {"@type": "Organization", "name": publisher, "url": home},
        "isAccessibleForFree": True,
        "license": license_url(),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": absolute_url(reverse(name)),
            }
            for name, media_type in _DOWNLOADS.items()
        ],
    }
    return {name: value for name, value in description.items() if value is not None}
