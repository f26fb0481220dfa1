"""Nothing that was typed is lost: an ended log-in, an old token, a form that is sent twice."""

import re
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from factcheck.http import double_submission
from factcheck.models import Article, Claim, Submission, Topic
from factcheck.models.submissions import RETENTION
from tests import factories
from tests.admin_forms import ADD, SUBMISSION_KEY, fields_sent_again, form, press, read_article

pytestmark = pytest.mark.django_db

HERE = {"origin": "http://testserver"}


def messages(response):
    return [str(message) for message in response.context["messages"]]


# An ended log-in


def test_a_form_of_who_is_no_longer_logged_in_is_given_back_and_saved_after_the_log_in(reviewer):
    client = Client()
    typed = form(text='She said: "five" & <six>.\nTwice.', _save="Save")

    response = client.post(ADD, typed)

    assert response.status_code == 403
    assert "no-store" in response["Cache-Control"]
    assert "Log in in another tab." in response.content.decode()
    client.force_login(reviewer)
    client.post(ADD, fields_sent_again(response))
    assert Claim.objects.get().text == 'She said: "five" & <six>.\nTwice.'


def test_the_page_says_what_will_be_sent_in_the_words_of_the_form():
    citations = [{"outlet": 7, "date_text": "2021-08-20"}]

    page = Client().post(ADD, form(citations=citations, _publish="Save and publish"))

    told = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.content.decode(), re.S)
    assert ("Public statement", "The bridge was opened in May.") in told
    assert ("Citation 1: Outlet", "7") in told
    assert ("Button", "Save and publish") in told
    assert not any("TOTAL" in label.upper() for label, _value in told)


def test_the_page_says_it_in_russian_too():
    page = Client().post("/ru/admin/factcheck/claim/add/", form()).content.decode()

    assert 'action="/ru/admin/factcheck/claim/add/"' in page


def test_passwords_tokens_and_files_are_not_given_back(tmp_path):
    file = tmp_path / "article.txt"
    file.write_text("x")
    with file.open() as upload:
        response = Client().post(
            "/admin/auth/user/add/",
            {"username": "new", "password1": "secret-one", "csrfmiddlewaretoken": "t", "f": upload},
        )

    page = response.content.decode()
    assert set(fields_sent_again(response)) == {"csrfmiddlewaretoken", "username"}
    assert "secret-one" not in page
    assert "choose it again" in page
    assert "type them again" in page


def test_looking_at_a_claim_without_a_log_in_gives_no_form_back():
    response = Client().post(ADD, form(_preview="1"))

    assert response.status_code == 302


def test_a_form_without_a_log_in_outside_of_the_admin_is_not_given_back(client):
    assert "send-again" not in client.post("/claims/", {"text": "x"}).content.decode()


# An old token


@pytest.fixture
def strict(reviewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    return client


def test_a_form_with_an_old_token_is_given_back_with_a_fresh_one(strict):
    typed = form(csrfmiddlewaretoken="x" * 64)

    response = strict.post(ADD, typed, headers=HERE)

    page = response.content.decode()
    assert response.status_code == 403
    assert "You are logged in as reviewer." in page
    strict.post(ADD, fields_sent_again(response), headers=HERE)
    assert Claim.objects.get().text == typed["text"]


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param({"origin": "https://evil.example"}, id="another site"),
        pytest.param({"origin": "null"}, id="hidden"),
        pytest.param({"referer": "http://testserver.evil.example/"}, id="a name like ours"),
        pytest.param({}, id="unknown"),
    ],
)
def test_what_another_site_sent_is_not_given_back(strict, sender):
    response = strict.post(ADD, form(text="Not mine."), headers=sender)

    page = response.content.decode()
    assert response.status_code == 403
    assert "Form expired" in page
    assert "Not mine." not in page


def test_the_page_cannot_be_shown_in_a_frame_and_does_not_send_itself(strict):
    response = strict.post(ADD, form(), headers=HERE)

    assert response["X-Frame-Options"] == "DENY"
    assert "script-src" not in response["Content-Security-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]


def test_an_old_log_in_page_leads_to_a_fresh_one():
    path = f"/admin/login/?next={quote(ADD)}"

    response = Client(enforce_csrf_checks=True).post(
        path, {"username": "x", "password": "secret"}, headers=HERE
    )

    page = response.content.decode()
    assert response.status_code == 403
    assert f'href="{path.replace("%2F", "/")}"' in page.replace("%2F", "/")
    assert "secret" not in page


def test_a_form_that_the_role_does_not_allow_is_given_back(client):
    client.force_login(factories.create_editor("reader"))

    response = client.post(ADD, form(text="Half an hour's work."))

    assert response.status_code == 403
    assert fields_sent_again(response)["text"] == ["Half an hour's work."]


# A form that is sent twice


@pytest.fixture
def desk(client, reviewer):
    client.force_login(reviewer)
    return client


def test_each_page_that_adds_something_carries_a_key_of_its_own(desk):
    key = re.compile(r'name="_submission" value="([\w-]{16,40})"')
    superuser = User.objects.create_superuser("boss")
    desk.force_login(superuser)

    names = ["claim", "outlet", "claimant", "topic", "article", "owner", "ratinglabel"]
    paths = [ADD, *(f"/admin/factcheck/{name}/add/" for name in names)]
    paths += ["/admin/auth/user/add/", "/admin/auth/group/add/"]
    found = [key.findall(desk.get(path).content.decode()) for path in paths]

    assert [len(keys) for keys in found] == [1] * len(paths)
    assert len({keys[0] for keys in found}) == len(paths)
    claim = factories.create_claim()
    page = reverse("admin:factcheck_claim_change", args=[claim.pk])
    assert not key.search(desk.get(page).content.decode())


def test_the_second_of_two_clicks_leads_to_the_record_of_the_first(desk):
    typed = form(_submission=SUBMISSION_KEY, _save="Save")

    desk.post(ADD, typed)
    response = desk.post(ADD, typed, follow=True)

    claim = Claim.objects.get()
    page = reverse("admin:factcheck_claim_change", args=[claim.pk])
    assert response.redirect_chain == [(page, 302)]
    assert any("This was saved already" in message for message in messages(response))


def test_a_form_with_a_mistake_keeps_its_key_and_is_saved_when_it_is_mended(desk):
    response = desk.post(ADD, form(text="", _submission=SUBMISSION_KEY))
    assert f'value="{SUBMISSION_KEY}"' in response.content.decode()
    assert not Submission.objects.exists()

    desk.post(ADD, form(_submission=SUBMISSION_KEY))

    assert Claim.objects.count() == 1


def test_a_saved_form_that_was_changed_and_sent_again_is_given_back(desk):
    desk.post(ADD, form(_submission=SUBMISSION_KEY))

    response = desk.post(
        ADD, form(text="The bridge was opened in June.", _submission=SUBMISSION_KEY)
    )

    claim = Claim.objects.get()
    page = response.content.decode()
    assert response.status_code == 409
    assert reverse("admin:factcheck_claim_change", args=[claim.pk]) in page
    assert "The bridge was opened in June." in page
    again = fields_sent_again(response)
    assert again["_submission"] != [SUBMISSION_KEY]
    desk.post(ADD, again)
    assert Claim.objects.count() == 2


def test_another_button_that_does_more_is_not_taken_for_a_second_click(desk):
    desk.post(ADD, form(_submission=SUBMISSION_KEY, _save="Save"))

    response = desk.post(ADD, form(_submission=SUBMISSION_KEY, _publish="Save and publish"))

    assert response.status_code == 409


def test_a_pop_up_window_that_is_sent_twice_tells_the_same_twice(desk):
    path = "/admin/factcheck/topic/add/?_popup=1"
    typed = {"name": "Trade", "slug": "", "_popup": "1", "_submission": SUBMISSION_KEY}

    first, second = desk.post(path, typed), desk.post(path, typed)

    assert Topic.objects.count() == 1
    assert "popup-response" in first.content.decode()
    assert second.content == first.content


def test_an_account_is_added_once(desk):
    desk.force_login(User.objects.create_superuser("boss"))
    path, word = "/admin/auth/user/add/", "a rather long word"
    typed = {"username": "new", "usable_password": "true", "password1": word, "password2": word}

    for _ in range(2):
        response = desk.post(path, {**typed, "_submission": SUBMISSION_KEY}, follow=True)

    new = User.objects.get(username="new")
    assert response.redirect_chain == [(reverse("admin:auth_user_change", args=[new.pk]), 302)]


def test_an_article_is_imported_once(desk):
    preview = read_article(desk)

    first, second = press(desk, preview), press(desk, preview)

    assert Article.objects.count() == 1
    assert second["Location"] == first["Location"]
    assert "This was saved already" in desk.get(second["Location"]).content.decode()


def test_a_record_that_was_not_saved_leaves_no_submission(desk, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("factcheck.admin.claims.ClaimAdmin.response_add", fail)
    desk.raise_request_exception = False
    assert desk.post(ADD, form(_submission=SUBMISSION_KEY)).status_code == 500

    assert not Submission.objects.exists()
    assert not Claim.objects.exists()


def test_old_submissions_are_pruned(desk, reviewer):
    Submission.objects.create(key="old", user=reviewer, created_at=timezone.now() - 2 * RETENTION)

    desk.post(ADD, form(_submission=SUBMISSION_KEY))

    assert [one.key for one in Submission.objects.all()] == [SUBMISSION_KEY]


def test_the_browser_is_told_which_draft_was_saved_and_of_no_other(desk):
    draft = "a-draft-of-the-browser"

    desk.post(ADD, form(text="", _draft=draft))
    assert double_submission.COOKIE not in desk.cookies
    desk.post(ADD, form(_draft=draft))
    desk.post(ADD, form(text="Another.", _draft=draft + "2"))

    assert desk.cookies[double_submission.COOKIE].value == f"{draft}.{draft}2"
