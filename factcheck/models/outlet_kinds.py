"""What an outlet is, and who controls it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OutletKind(models.TextChoices):
    AGENCY = "agency", _("News agency")
    NEWSPAPER = "newspaper", _("Newspaper")
    BROADCASTER = "broadcaster", _("Broadcaster")
    ONLINE = "online", _("Online outlet")
    GOVERNMENT = "government", _("Government site")
    SOCIAL = "social", _("Social-media account")
    THINK_TANK = "think_tank", _("Think tank")
    FACT_CHECKER = "fact_checker", _("Fact-checker")
    OTHER = "other", pgettext_lazy("outlet", "Other")


class Control(models.TextChoices):
    """The kind of body that can give an outlet orders."""

    STATE = "state", pgettext_lazy("control", "State")
    PUBLIC = "public", pgettext_lazy("control", "Public")
    PRIVATE = "private", pgettext_lazy("control", "Private")
    UNKNOWN = "unknown", pgettext_lazy("control", "Unknown")
