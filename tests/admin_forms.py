"""What tests of the admin send to its forms, and read from its pages."""

import re
from html import unescape

from django.contrib import admin
from django.urls import reverse

from tests import factories

ADD = "/admin/factcheck/claim/add/"
RECORD = {"title": "Treaty", "url": "https://example.org/treaty"}
FROM_ARTICLE = "/admin/factcheck/article/from-article/"
ARTICLE_TEXT = (
    "Trade grew. It is small (TASS, August 20; Fresh Wire, August 16).\n\nNobody cites this line."
)
SUBMISSION_KEY = "a-key-of-the-form-1"


def form(*, citations=(), proposal=None, evidence=(), **fields):
    """Return what the browser posts from a new claim's page."""
    data = {
        "text": "The bridge was opened in May.",
        "language": "en",
        **dict.fromkeys(("native_text", "native_language", "source_text", "slug"), ""),
        **fields,
    }
    for prefix, count, most in (
        ("citations", len(citations), 1000),
        ("proposals", 1, 1),
        ("verifications", 0, 0),
    ):
        data |= {
            f"{prefix}-TOTAL_FORMS": count,
            f"{prefix}-INITIAL_FORMS": 0,
            f"{prefix}-MIN_NUM_FORMS": 0,
            f"{prefix}-MAX_NUM_FORMS": most,
        }
    for place, citation in enumerate(citations):
        row = {"stance": "supports", "role": "reporting", "position": place, **citation}
        data |= {f"citations-{place}-{name}": value for name, value in row.items()}
    for name, value in (proposal or {"status": "unverified"}).items():
        data[f"proposals-0-{name}"] = value
    for place, record in enumerate(evidence):
        for name, value in record.items():
            data[f"proposals-0-evidence-{place}-{name}"] = value
    return data


def errors(response):
    return " ".join(re.findall(r'<ul class="errorlist.*?</ul>', response.content.decode(), re.S))


def sent_by(page):
    """Return where the form of a page that asks leads, and its hidden fields."""
    text = page.content.decode()
    action = re.search(r'<form method="post" action="([^"]*)" class="confirmation">', text)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    fields = {name: [v for n, v in hidden if n == name] for name, _value in hidden}
    return action and action[1], fields


def confirm_act(client, page, **fields):
    """Press the button of a page that asks; return the page that follows."""
    action, hidden = sent_by(page)
    return client.post(action, hidden | fields, follow=True)


def told(response):
    """Return the messages of a page."""
    return [str(message) for message in response.context["messages"]]


def change_page(claim):
    return reverse("admin:factcheck_claim_change", args=[claim.pk])


def opened(client, path):
    """Return what the browser would post from a form of the admin, unchanged."""
    response = client.get(path)
    assert response.status_code == 200
    data = {}
    admin_form = response.context["adminform"].form
    inlines = response.context.get("inline_admin_formsets", ())
    forms = (
        form
        for inline in inlines
        for form in [inline.formset.management_form, *inline.formset.forms]
    )
    parts = [admin_form, *forms]
    for part in parts:
        for bound in part:
            value = bound.value()
            if value is None or value is False:
                continue
            if isinstance(value, list):
                value = [getattr(one, "pk", one) for one in value]
            if bound.html_name.endswith("evidence"):
                continue
            data[bound.html_name] = value
    return data


def fields_sent_again(response):
    """Return the hidden fields of the form that a page gives back."""
    page = response.content.decode()
    inside = re.search(r'<form class="send-again".*?</form>', page, re.S)
    assert inside, page
    fields = {}
    for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', inside[0], re.S):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


def read_article(page, text=ARTICLE_TEXT, **fields):
    return page.post(
        FROM_ARTICLE, {"text": text, "published": "2021-09", "title": "Trade", **fields}
    )


def fields_of(response):
    """What the preview's form would send, as a browser gathers it."""
    html = response.content.decode()
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        kind = attributes.get("type")
        is_off = kind in {"checkbox", "radio"} and " checked" not in tag
        if "name" in attributes and kind != "submit" and not is_off:
            found[attributes["name"]] = unescape(
                attributes.get("value", "on" if kind == "checkbox" else "")
            )
    for attributes, value in re.findall(r"<textarea\b([^>]*)>\n?(.*?)</textarea>", html, re.S):
        found[re.search(r'name="([^"]*)"', attributes)[1]] = unescape(value)
    found.pop("csrfmiddlewaretoken", None)
    return found


def press(page, response, button="_import", **changes):
    fields = fields_of(response) | {button: "on"} | changes
    return page.post(
        FROM_ARTICLE, {name: value for name, value in fields.items() if value is not None}
    )


def every_admin_form(rf):
    """Yield every form of the admin, empty, with the model whose fields it has."""
    request = rf.get("/admin/")
    request.user = factories.create_editor("root")
    request.user.is_superuser = True
    for model, page in admin.site._registry.items():
        if page.has_add_permission(request) or page.has_change_permission(request):
            yield model, page.get_form(request)()
            for formset, inline in page.get_formsets_with_inlines(request):
                yield inline.model, formset().empty_form


def send(page, text="", **fields):
    return page.post(
        "/admin/factcheck/claim/import/", {"text": text, "stage": "published", **fields}
    )
