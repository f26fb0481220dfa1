"""*Add from article* in the admin: paste, look, import."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factcheck.models import Article, Citation, Claim, Outlet, OutletAlias
from tests import factories
from tests.admin_forms import ARTICLE_TEXT, FROM_ARTICLE, fields_of, press, read_article
from tests.article_page import PAGE
from tests.paths import ROOT

SAMPLE = ROOT / "fixtures" / "sample_article.txt"


@pytest.fixture
def page(client, contributor):
    client.force_login(contributor)
    return client


def key_of(response, prefix, place=0):
    return [name for name in fields_of(response) if re.match(rf"{prefix}\d", name)][place]


def mapping(response, prefix, name):
    html = response.content.decode()
    return re.search(rf'<legend>{name}.*?name="({prefix}\w+)"', html, re.S)[1]


def test_the_page_is_for_those_who_may_add(client, db):
    assert client.get(FROM_ARTICLE).status_code == 302
    client.force_login(factories.create_editor("nobody"))
    assert client.get(FROM_ARTICLE).status_code == 403


def test_lists_and_index_lead_to_it(page):
    for path in ("/admin/", "/admin/factcheck/claim/", "/admin/factcheck/article/"):
        assert f'href="{FROM_ARTICLE}"' in page.get(path).content.decode()


def test_a_preview_writes_nothing(page, sample):
    before = Claim.objects.count()
    response = read_article(page)

    html = response.content.decode()
    assert '<mark class="group" title="Group 1"><b>1</b> (TASS, August 20; Fresh Wire' in html
    assert '<mark class="statement">Trade grew.</mark>' in html
    assert "nothing is cited for it" in html
    assert "Outlets that nobody cited before" in html
    assert Claim.objects.count() == before
    assert not Article.objects.filter(title="Trade").exists()


def test_import_lands_on_the_drafts(page, sample, contributor):
    response = press(page, read_article(page))

    article = Article.objects.get(title="Trade")
    assert response.url == f"/admin/factcheck/claim/?article__id__exact={article.pk}"
    landing = page.get(response.url).content.decode()
    assert "New: 2 draft claims, with 4 citations over all claims." in landing
    assert "New outlets, to be looked at: Fresh Wire." in landing
    assert "Trade grew." in landing
    # What nothing is cited for is not ticked to begin with.
    assert set(article.claims.values_list("source_text", "stage", "created_by")) == {
        ("Trade grew.", "draft", contributor.pk),
        ("It is small", "draft", contributor.pk),
    }


def test_the_sample_goes_in_whole(page, sample):
    response = page.post(FROM_ARTICLE, {"text": SAMPLE.read_text(encoding="utf-8")})
    assert "things to look at" not in response.content.decode()

    press(page, response)

    article = Article.objects.get(title="Kazakhstan Keeps Its Distance From Kabul")
    assert (article.author, article.published_text, article.language) == (
        "the Factcheck editors", "2021-09", "en",
    )  # fmt: skip
    assert article.claims.count() == 17
    assert not Outlet.objects.filter(is_confirmed=False).exists()


def test_untick_edit_and_date(page, sample):
    preview = read_article(page)
    first, date = key_of(preview, "s"), key_of(preview, "d", 1)
    citation = key_of(preview, "c")
    changes = {first: None, citation: None, key_of(preview, "t", 1): "In my words."}

    press(page, preview, **changes, **{date: "2021-08"})

    claim = Claim.objects.get(article__title="Trade")
    assert (claim.text, claim.source_text) == ("In my words.", "It is small")
    cited = claim.citations.get()
    assert (cited.outlet.name, cited.date_text) == ("Fresh Wire", "2021-08")


def test_an_unknown_name_is_mapped_to_a_near_or_typed_outlet(page, sample):
    preview = read_article(page, "It was so (Radio Azatyk, Wire One, Wire Two, August 20).")
    azattyq = Outlet.objects.get(slug="radio-azattyq")
    changes = {
        mapping(preview, "m", "Radio Azatyk"): "radio-azattyq",
        mapping(preview, "w", "Wire One"): "ТАСС",
        mapping(preview, "w", "Wire Two"): "The Second Wire",
    }

    press(page, preview, **changes)

    cited = Citation.objects.filter(claim__article__title="Trade")
    assert {citation.outlet.name for citation in cited} == {
        "Radio Azattyq", "TASS", "The Second Wire",
    }  # fmt: skip
    assert azattyq.aliases.filter(name="Radio Azatyk").exists()
    assert Outlet.objects.resolve("Wire Two").name == "The Second Wire"
    assert not Outlet.objects.get(name="The Second Wire").is_confirmed


def test_a_known_name_can_mean_another_outlet_here(page, sample):
    preview = read_article(page, "It was so (RBC, August 20).")
    (name,) = [name for name in fields_of(preview) if re.match(r"w[\da-f]{10}", name)]

    press(page, preview, **{name: "Lenta"})

    assert Citation.objects.get(claim__article__title="Trade").outlet.slug == "lenta"
    assert Outlet.objects.resolve("RBC").slug == "rbc"


def test_a_lost_outlet_is_asked_for(page, sample):
    text = "It was so (, August 20). And so (, August 21)."
    preview = read_article(page, text)
    assert "the outlet&#x27;s name is lost" in preview.content.decode()

    response = press(page, preview, **{key_of(preview, "o"): "TASS"})

    landing = page.get(response.url).content.decode()
    assert "Left out, for the outlet is lost: August 21." in landing
    citation = Citation.objects.get(claim__article__title="Trade")
    assert (citation.outlet.slug, citation.as_cited) == ("tass", ", August 20")


def test_a_bad_date_is_told_at_its_place_and_nothing_is_written(page, sample):
    preview = read_article(page)
    response = press(
        page, preview, **{key_of(preview, "d"): "in August", key_of(preview, "t"): " "}
    )

    html = response.content.decode()
    assert "Correct what is marked below." in html
    assert "Write it as 20 August 2021, 2021-08-20" in html
    assert "Write the statement, or untick it." in html
    assert 'value="in August"' in html
    assert not Article.objects.filter(title="Trade").exists()


def test_reading_again_renews_dates_but_not_those_the_editor_wrote(page, sample):
    preview = read_article(page, published="")
    assert "the year is not known" in preview.content.decode()
    written = key_of(preview, "d", 1)

    again = press(page, preview, "_read", published="2020", **{written: "2019-08-16"})

    fields = fields_of(again)
    assert fields[key_of(again, "d")] == "2020-08-20"
    assert fields[written] == "2019-08-16"
    assert "the year is not known" not in again.content.decode()


def test_choices_for_another_reading_are_not_taken(page, sample):
    preview = read_article(page)
    # Meanwhile another editor adds an outlet, and the parenthesis is read differently.
    OutletAlias.objects.create(outlet=Outlet.objects.get(slug="tass"), name="August 20; Fresh")
    response = press(page, preview, digest="old")

    assert "The article is read differently now." in response.content.decode()
    assert not Article.objects.filter(title="Trade").exists()


def test_what_was_decided_in_the_preview_stays_decided(page, sample):
    preview = read_article(page)
    changes = {key_of(preview, "s"): None, key_of(preview, "c", 1): None}
    press(page, preview, **changes, **{key_of(preview, "d"): "2021-08-19"})
    claim = Claim.objects.get(article__title="Trade")
    assert [citation.date_text for citation in claim.citations.all()] == ["2021-08-19"]

    again = read_article(page)

    html = again.content.decode()
    assert html.count("read before") == 2
    assert "left out or deleted before" in html
    landing = page.get(press(page, again).url).content.decode()
    assert "New: 0 draft claims, with 0 citations over all claims." in landing
    assert [citation.date_text for citation in claim.citations.all()] == ["2021-08-19"]
    # What is ticked again comes in.
    boxes = {"s0": "on", f"c{key_of(again, 'd', 1)[1:]}": "on"}
    press(page, again, **boxes)
    assert {citation.outlet.name for citation in claim.citations.all()} == {"TASS", "Fresh Wire"}
    assert Claim.objects.filter(article__title="Trade").count() == 2


def test_a_statement_ticked_again_takes_its_citations(page, sample):
    text = "One is. Two is (TASS, May 3; RBC, May 4)."
    given = {"text": text, "title": "Trade", "published": "2021-09"}
    preview = page.post(FROM_ARTICLE, given)
    press(page, preview, s0=None)
    article = Article.objects.get(title="Trade")
    assert article.claims.count() == 1

    again = page.post(FROM_ARTICLE, given)
    press(page, again, s0="on")

    assert [claim.citations.count() for claim in article.claims.order_by("start")] == [2, 2]


def test_something_must_be_ticked(page, sample):
    preview = read_article(page)
    ticks = {name: None for name in fields_of(preview) if re.match(r"s\d", name)}

    assert "Tick at least one statement." in press(page, preview, **ticks).content.decode()
    assert not Article.objects.filter(title="Trade").exists()


def test_an_emptied_field_stays_empty(page, sample):
    preview = page.post(FROM_ARTICLE, {"text": SAMPLE.read_text(encoding="utf-8")})

    again = press(page, preview, "_read", author="", published="")
    assert "the year is not known" in again.content.decode()
    press(page, again)

    article = Article.objects.get(title__startswith="Kazakhstan Keeps")
    assert (article.author, article.published_text) == ("", "")


def test_the_day_of_publication_may_be_written_in_words(page, sample):
    assert fields_of(read_article(page, published="10 September 2021"))["published"] == "2021-09-10"


def test_a_second_version_shows_what_is_here_and_adds_the_rest(page, sample):
    press(page, read_article(page))
    Claim.objects.get(source_text="Trade grew.").delete()

    preview = read_article(page, ARTICLE_TEXT + " A new one (TASS, August 21).")

    html = preview.content.decode()
    assert "This is a version of “Trade”, which is here already" in html
    assert "A claim already:" in html
    assert "left out or deleted before" in html
    press(page, preview)
    claims = Claim.objects.filter(article__title="Trade")
    assert {claim.source_text for claim in claims} == {
        "It is small", "A new one",
    }  # fmt: skip


def test_a_page_of_html_by_file_keeps_links(page, sample):
    upload = SimpleUploadedFile("page.html", PAGE.encode())
    preview = page.post(FROM_ARTICLE, {"text": "", "upload": upload})
    press(page, preview)

    article = Article.objects.get(title="Kazakhstan Waits")
    assert article.url == "https://monitor.example/a/1"
    assert Citation.objects.filter(claim__article=article, url="https://akorda.kz/16").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "Paste the article, or choose a file."),
        ({"text": "a\0b"}, "Null characters are not allowed."),
        ({"published": "May"}, "Write it as 20 August 2021, 2021-08-20, August 2021 or 2021."),
        ({"publisher": "Nobody"}, "No outlet is called “Nobody”"),
        ({"language": "English!"}, "No language is called “English!”."),
        ({"url": "javascript:alert(1)"}, "Write a web address that begins with http:// or https://."),
        ({"url": "ftp://x.kz/a"}, "Write a web address that begins with http:// or https://."),
        ({"text": "", "upload": SimpleUploadedFile("a.docx", b"PK\0")}, "a.docx: This is a binary"),
        ({"text": "", "upload": SimpleUploadedFile("a.txt", b"\xd2\xe0")}, "a.txt: Byte 1: This"),
        ({"upload": SimpleUploadedFile("a.txt", b"It was so.")}, "not both"),
        ({"text": "<html><body></body></html>"}, "No article was found in the page"),
        ({"text": "It was so. " * 20_000}, "Longer than 200000 characters"),
        ({"text": "So. " * 3_000}, "More statements than one form holds"),
    ],
    ids=[
        *("empty", "nul", "date", "publisher", "language", "script", "ftp", "binary", "encoding"),
        *("both", "page", "long", "fields"),
    ],
)  # fmt: skip
def test_bad_input_is_told_at_its_field(page, sample, fields, said):
    response = page.post(FROM_ARTICLE, {"text": ARTICLE_TEXT, **fields})

    assert response.status_code == 200
    assert said in response.content.decode().replace("&quot;", '"')


def test_an_article_needs_a_title(page, sample):
    response = press(page, read_article(page, title=""))

    assert "Give the article a title." in response.content.decode()


def test_a_mistake_beside_the_preview_loses_no_choice(page, sample):
    preview = read_article(page)
    text = key_of(preview, "t")

    again = press(page, preview, publisher="Nobody", published="May", **{text: "In my words."})

    html = again.content.decode()
    assert "No outlet is called “Nobody”" in html
    assert "This cannot be read as a date." in html
    assert fields_of(again)[text] == "In my words."
    assert not Article.objects.filter(title="Trade").exists()
    press(page, again, publisher="TASS", published="2021-09")
    assert Article.objects.get(title="Trade").publisher.slug == "tass"


def test_hostile_text_stays_text(page, sample):
    evil = "<script>alert(1)</script> & </textarea><b>"
    preview = read_article(
        page, f"Trade grew {evil} (TASS, August 20; Fresh {evil}, August 21).", title=evil
    )

    html = preview.content.decode()
    assert "<script>alert" not in html
    assert "</textarea><b>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_name_that_is_too_long_is_named_and_nothing_of_it_is_cut(page, sample):
    preview = read_article(page, "It was so (, August 20; Fresh Wire, TASS, August 21).")
    long = "a" * 201
    lost, new = key_of(preview, "o"), mapping(preview, "w", "Fresh Wire")
    (known,) = {name for name in fields_of(preview) if re.match(r"w[\da-f]{10}", name)} - {new}

    for name in (lost, new, known):
        again = press(page, preview, **{name: long})

        html = again.content.decode()
        assert "Correct what is marked below." in html
        assert "Ensure this value has at most 200 characters (it has 201)." in html
        assert fields_of(again)[name] == long
    assert "Correct what is" in press(page, preview, **{lost: "a." * 400_000}).content.decode()
    assert not Article.objects.filter(title="Trade").exists()


def test_dates_in_the_preview_are_read_as_in_any_form(page, sample):
    preview = read_article(page, published="10 сентября 2021 г.")
    assert 'value="2021-09-10"' in preview.content.decode()
    first, other = key_of(preview, "d"), key_of(preview, "d", 1)

    asked = press(page, preview, **{first: "05/07/2021"})
    assert "Did you mean 5 July 2021 or 7 May 2021?" in asked.content.decode()

    press(page, preview, **{first: "２０２１ ж. 15 тамыз", other: "August 2021"})
    cited = Citation.objects.filter(claim__article__title="Trade")
    assert set(cited.values_list("date_text", flat=True)) == {"2021-08-15", "2021-08"}


@pytest.mark.parametrize(
    ("line", "given", "said"),
    [
        ("Published on 6 September 2022", "2022-09-20", "6 September 2022, but the date given is"),
        ("Опубликовано: 6 сентября 2022 г.", "August 2022", "but the date given is August 2022."),
        ("Published on 6 September 2022", "2022-09-06", ""),
        ("Published on 6 September 2022", "2022-09", ""),
        ("Published with care", "2022-09-20", ""),
    ],
)
def test_a_text_that_names_another_day_of_publication_is_told(page, sample, line, given, said):
    html = read_article(
        page, f"Trade\n\n{line}\n\n{ARTICLE_TEXT}", published=given
    ).content.decode()

    assert ("The text says that it was published on" in html) == bool(said)
    assert said in html


def test_the_same_date_in_other_words_is_none_that_the_editor_wrote(page, sample):
    preview = read_article(page, published="2021-09-10")
    written = key_of(preview, "d")
    assert fields_of(preview)[written] == "2021-08-20"

    again = press(page, preview, "_read", published="2020", **{written: "20 August 2021"})

    assert fields_of(again)[written] == "2020-08-20"


def test_a_text_of_nothing_but_asides_is_shown(page, sample):
    """Quadratic work on it would take minutes: finishing is the test."""
    assert read_article(page, "(a) " * 10_000).status_code == 200
    assert read_article(page, "(!)!\n\n" * 10_000).status_code == 200


def test_an_article_is_replaced_by_those_alone_who_may_change_it(client, db):
    editor = factories.create_editor("adder")
    added = [f"add_{name}" for name in ("article", "claim", "citation", "outlet")]
    editor.user_permissions.set(Permission.objects.filter(codename__in=added))
    client.force_login(editor)

    assert client.get(FROM_ARTICLE).status_code == 403


@pytest.mark.parametrize("field", ["t", "d", "o", "w", "m"])
def test_control_characters_in_choices_do_no_harm(page, sample, field):
    preview = read_article(page, "It was so (, August 20; Fresh Wire, August 21).")
    names = [name for name in fields_of(preview) if re.match(rf"{field}[\da-f]", name)]

    response = press(page, preview, **dict.fromkeys(names, "\x00x�"))

    assert response.status_code in {200, 302}


def test_a_long_article_costs_no_more_queries(page, sample):
    def queries(copies):
        text = "".join(f"So {n} (TASS, RBC, Wire {n}, August 20).\n\n" for n in range(copies))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read_article(page, text)
        return len(captured)

    assert queries(12) == queries(2)
