"""Any text may stand in the place of a number in an address of the admin."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from factcheck.admin.base import HistoryAdmin
from tests import factories

pytestmark = pytest.mark.django_db

admin.autodiscover()
MODELS = [pytest.param(model, id=model._meta.label_lower) for model in admin.site._registry]
TEXTS = ["retract", "from-article", "1x", "-1", "0", "9" * 40, "1.5", "_00", "%D1%84", "__", "None"]


@pytest.fixture(params=["a superuser", "staff without a role"])
def browser(request):
    """A browser that keeps an error as the page 500 that people would get."""
    if request.param == "a superuser":
        user = User.objects.create_superuser("boss", password="a long password")
    else:
        user = factories.create_editor("nobody")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", MODELS)
def test_text_in_the_place_of_a_number_is_no_fault_of_ours(browser, model):
    is_ours = isinstance(admin.site._registry[model], HistoryAdmin)
    at = f"/admin/{model._meta.app_label}/{model._meta.model_name}"
    for text in TEXTS:
        for view in ("history/", "change/", "delete/", ""):
            status = browser.get(f"{at}/{text}/{view}").status_code
            assert status in {200, 302, 403, 404}, (text, view)
            if is_ours and view == "history/":
                assert status == 404, text
        for version in ("1", "retract", "9" * 40):
            status = browser.get(f"{at}/{text}/history/{version}/").status_code
            assert status in {302, 404}, (text, version)


@pytest.mark.parametrize("name", ["claim", "outlet", "claimant", "topic", "article", "owner"])
def test_a_history_is_still_there(admin_client, name):
    row = getattr(factories, f"create_{name}")()

    page = admin_client.get(f"/admin/factcheck/{name}/{row.pk}/history/")
    version = row.history.get()
    old = admin_client.get(f"/admin/factcheck/{name}/{row.pk}/history/{version.pk}/")

    assert (page.status_code, old.status_code) == (200, 200)
