"""From a read article to rows, once and again."""

import pytest
from django.core.exceptions import ValidationError

from factcheck.bulk_history import record_creation
from factcheck.imports.articles.importer import find_article, write_article
from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.articles.sentence_keys import citation_keys, sentence_key, statement_key
from factcheck.imports.outlet_matching import OutletNames, new_outlet
from factcheck.models import Article, Citation, Claim, Outlet, OutletAlias
from tests import factories
from tests.paths import ROOT

SAMPLE = ROOT / "fixtures" / "sample_article.txt"
TEXT = (
    "Trade grew. It is small (Tengrinews.kz, August 20; Akorda.kz, August 15, 16).\n\n"
    "Talks began (TASS, August 21)."
)

pytestmark = pytest.mark.django_db


def ingest(text=TEXT, *, published="2021-09", title="Trade", **options):
    names = OutletNames.load()
    read = read_article(
        text, published=published, title=title or None, is_outlet=names.__contains__
    )
    return write_article(read, names=names, **options)


def cited(claim):
    return [(citation.outlet.name, citation.date_text) for citation in claim.citations.all()]


def rows():
    """Everything that an import may write."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Article, Claim, Citation, Outlet, OutletAlias)
    ]


def test_the_sample_becomes_draft_claims_with_citations(sample):
    before = set(Outlet.objects.values_list("pk", flat=True))

    done = ingest(SAMPLE.read_text(encoding="utf-8"), title="")

    claims = list(done.article.claims.in_reading_order())
    assert done.article.title == "Kazakhstan Keeps Its Distance From Kabul"
    assert done.article.published_text == "2021-09"
    assert {claim.stage for claim in claims} == {"draft"}
    assert {claim.status for claim in claims} == {"unverified"}
    assert set(Outlet.objects.values_list("pk", flat=True)) == before
    assert len({citation.outlet_id for claim in claims for citation in claim.citations.all()}) == 16
    assert done.created["claims"] == len(claims) == 17
    text = done.article.text
    for claim in claims:
        assert text[claim.start : claim.end] == claim.source_text
        for citation in claim.citations.all():
            assert " ".join(text[citation.start : citation.end].split()) == citation.as_cited
    assert claims[-1].citation_count == 1  # kept by triggers
    assert cited(claims[-1]) == [("Informburo.kz", "2018-09-10")]


def test_a_second_time_nothing_changes(sample):
    ingest()
    before = rows()

    done = ingest()

    assert done.created.total() == done.updated.total() == 0
    assert done.unchanged == {"articles": 1, "claims": 3, "citations": 7}
    assert rows() == before


def test_a_corrected_article_adds_what_is_new_and_renews_the_offsets(db):
    ingest()
    old = Claim.objects.get(source_text="Talks began")
    Claim.objects.filter(pk=old.pk).update(text="In my own words.")

    done = ingest(
        "A new first line (RBC, August 1).\n\n"
        + TEXT.replace("; Akorda", "; Lenta, July 9; Akorda")
    )

    assert done.created == {"claims": 1, "citations": 3, "outlets": 2}
    assert done.updated["claims"] == 3
    old.refresh_from_db()
    assert (old.text, old.paragraph) == ("In my own words.", 3)
    assert done.article.text[old.start : old.end] == "Talks began"
    citation = old.citations.get()
    assert done.article.text[citation.start : citation.end] == "TASS, August 21"


def test_a_sentence_that_went_keeps_its_claim_and_is_told(db):
    ingest()
    done = ingest(TEXT.replace("Trade grew. ", ""))

    assert [claim.source_text for claim in done.removed_claims] == ["Trade grew."]
    claim = Claim.objects.get(source_text="Trade grew.")
    assert (claim.start, claim.end) == (None, None)
    assert claim.citations.count() == 3
    assert ingest(TEXT.replace("Trade grew. ", "")).removed_claims == []


def test_what_an_editor_took_away_does_not_come_back(db):
    ingest()
    Claim.objects.get(source_text="Trade grew.").delete()
    Citation.objects.filter(outlet__name="Akorda.kz", date_text="2021-08-16").delete()
    moved = Citation.objects.get(outlet__name="TASS")
    moved.date_text = "2021-08-22"
    moved.save()
    before = rows()

    assert ingest().created.total() == 0
    assert rows() == before
    wanted = {statement_key(sentence_key("Trade grew."))}
    assert ingest(reimported_keys=wanted).created == {"claims": 1, "citations": 3}


def test_what_an_editor_left_out_stays_out(db):
    read = read_article(TEXT, published="2021-09")
    (group, _other), statement = read.groups, read.statements[1]
    lost = citation_keys(sentence_key(statement.text), group.citations)[0]

    done = ingest(skipped_keys={statement_key(sentence_key("Trade grew.")), lost})
    assert done.created["claims"] == 2
    assert cited(Claim.objects.get(source_text="It is small")) == [
        ("Akorda.kz", "2021-08-15"),
        ("Akorda.kz", "2021-08-16"),
    ]

    assert ingest().created.total() == 0
    assert ingest(reimported_keys={lost}).created == {"citations": 1, "outlets": 1}


def test_a_citation_that_the_author_corrected_is_added_and_the_old_one_told(db):
    ingest()
    done = ingest(TEXT.replace("TASS, August 21", "TASS, August 22"))

    assert done.created == {"citations": 1}
    assert [citation.as_cited for citation in done.removed_citations] == ["TASS, August 21"]
    assert ingest(TEXT.replace("TASS, August 21", "TASS, August 22")).removed_citations == []


def test_a_new_headline_makes_no_second_article(db):
    first = ingest()

    assert ingest(title="Trade, Again").article == first.article
    assert Article.objects.count() == 1


def test_a_year_that_was_unknown_is_filled_in(db):
    ingest(published=None)
    assert set(Citation.objects.values_list("published_on", flat=True)) == {None}

    done = ingest(published="2021-09")

    assert done.updated["citations"] == 7
    assert done.created.total() == 0
    assert not Citation.objects.filter(date_text__startswith="--").exists()
    assert Article.objects.get().published_text == "2021-09"


def test_outlets_are_found_by_alias_domain_and_script(sample):
    known = Outlet.objects.get(slug="tengrinews")
    tass = Outlet.objects.get(slug="tass")
    rbc = factories.create_outlet(slug="kommersant", name="Kommersant")

    done = ingest(
        "Так и было (Тенгриньюс, https://www.tengrinews.kz/a/1, TENGRINEWS, ТАСС, tass.ru,"
        " «Коммерсантъ», Коммерсант, 20 августа)."
    )

    outlets = [citation.outlet for citation in done.article.claims.get().citations.all()]
    assert set(outlets) - set(done.new_outlets) == {known, tass, rbc}


def test_an_unknown_outlet_is_made_and_flagged(db):
    done = ingest(
        "It was so (Fresh Wire, www.fresh.kz, Twitter.com/Fresh, @fresh, May 3;"
        " https://t.me/fresh/12, https://new.kz/a/b, May 3)."
    )

    made = {outlet.name: outlet for outlet in done.new_outlets}
    assert not any(outlet.is_confirmed for outlet in made.values())
    assert {name: outlet.domain for name, outlet in made.items()} == {
        "Fresh Wire": "",
        "fresh.kz": "fresh.kz",
        "twitter.com/Fresh": "twitter.com/fresh",
        "@fresh": "",
        "t.me/fresh": "t.me/fresh",
        "new.kz": "new.kz",
    }
    assert made["twitter.com/Fresh"].kind == "social"
    again = ingest("It was so (https://new.kz/c/d, May 4).", title="Another")
    assert again.new_outlets == []


def test_a_mapped_name_becomes_an_alias(db):
    outlet = factories.create_outlet(name="Radio Azattyq")

    done = ingest("It was so (Azatyk Radiosy, May 3).", chosen_outlets={"Azatyk Radiosy": outlet})

    assert done.new_outlets == []
    assert cited(done.article.claims.get()) == [("Radio Azattyq", "2021-05-03")]
    assert Outlet.objects.resolve("Azatyk Radiosy") == outlet
    assert ingest("So it is (Azatyk Radiosy, May 4).", title="Another").new_outlets == []


def test_a_merged_outlet_is_cited_as_the_one_it_became(db, reviewer):
    from factcheck import editing

    loser, winner = factories.create_outlet(name="Old"), factories.create_outlet(name="New")
    editing.merge_outlets(loser=loser, winner=winner, by=reviewer)

    assert cited(ingest("It was so (Old, May 3).").article.claims.get()) == [("New", "2021-05-03")]


def test_near_names_are_suggested(sample):
    names = OutletNames.load()

    assert names.find("Tengri Nws") is None
    assert names.similar("Tengri Nws")[0].slug == "tengrinews"
    assert names.similar("Rossiskaja Gaseta")[0].slug == "rossiyskaya-gazeta"
    assert names.similar("Казинформ агенттігі")[0].slug == "kazinform"
    assert names.similar("Quite Different") == []


def test_a_citation_without_an_outlet_is_told(db):
    done = ingest("It was so (, May 3). And so (TASS, May 4).")

    assert [report.raw for report in done.without_outlet] == [", May 3"]
    assert done.created["citations"] == 1


def test_a_published_claim_is_left_to_those_who_may_publish(contributor, reviewer):
    ingest("Trade grew (TASS, May 3).")
    Claim.objects.update(stage="published", text="Ours.")
    more = "Trade grew (TASS, May 3; RBC, May 4)."

    done = ingest(more, by=contributor)
    assert (done.created["citations"], len(done.skipped)) == (0, 1)
    assert not Outlet.objects.filter(name="RBC").exists()
    done = ingest(more.replace("May 4", "May 5"), by=reviewer)
    assert (done.created["citations"], len(done.public_claims)) == (1, 1)


def test_the_history_tells_who_imported(contributor):
    done = ingest(by=contributor)

    claim = done.article.claims.first()
    assert claim.created_by == contributor
    (first,) = claim.history.all()
    assert (first.history_user, first.history_change_reason) == (
        contributor,
        "imported from the article",
    )
    cited = claim.citations.first().history.get()
    assert (cited.history_user, cited.history_change_reason) == (
        contributor,
        "imported from the article",
    )


def test_all_or_nothing(db, monkeypatch):
    def fail(instances, **options):
        if isinstance(instances[0], Citation):
            raise RuntimeError
        record_creation(instances, **options)

    monkeypatch.setattr("factcheck.imports.articles.importer.record_creation", fail)
    with pytest.raises(RuntimeError):
        ingest()

    assert not Article.objects.exists()
    assert not Outlet.objects.exists()


def test_articles_of_one_title_are_told_apart(db):
    tass = factories.create_outlet(name="TASS")
    first = ingest()

    names = OutletNames.load()
    same = read_article(TEXT + " More.", title="TRADE", published="2021")
    other = read_article(TEXT + " Less.", title="Trade", published="2020-09")
    assert find_article(same) == first.article
    assert find_article(same, publisher=tass) == first.article
    assert find_article(other) is None
    assert write_article(other, names=names).article.slug == "trade-2"


def test_what_no_column_holds_is_refused_or_kept_elsewhere(db):
    with pytest.raises(ValidationError, match="32,767"):
        ingest("A b.\n" * 32_768)

    done = ingest(
        f"It was so (TASS, https://tass.ru/{'x' * 1_000}, May 3; https://a..b/c d, May 4)."
    )
    citations = Citation.objects.filter(outlet__name="TASS")
    assert [citation.url for citation in citations] == [""]
    assert citations[0].note.startswith("https://tass.ru/xxx")
    assert done.created["claims"] == 1


def test_names_longer_than_a_column_are_cut(db):
    outlet = new_outlet(f"https://{'a' * 300}.kz/x")

    outlet.save()
    assert len(outlet.name) == 200


def test_what_a_contributor_could_not_write_a_reviewer_still_can(contributor, reviewer):
    ingest("Trade grew (TASS, May 3).")
    Claim.objects.update(stage="published", text="Ours.")
    more = "Trade grew (TASS, May 3; RBC, May 4)."

    for _ in range(2):
        assert len(ingest(more, by=contributor).skipped) == 1
    assert ingest(more, by=reviewer).created["citations"] == 1


def test_a_lost_outlet_is_asked_for_again(db):
    ingest("It was so (, May 3).")

    assert len(ingest("It was so (, May 3).").without_outlet) == 1


@pytest.mark.parametrize(
    "group",
    [
        "https://fresh.kz/a/b, May 3; https://fresh.kz/c/d, May 4",
        "www.fresh.kz, May 3; fresh.kz, May 4",
        "fresh.kz/news, May 3; Fresh.kz, May 4",
        "Twitter.com/Fresh/status/1, May 3; twitter.com/fresh, May 4",
        "«Свежее», May 3; Свежее, May 4; Svezhee, May 5",
    ],
)
def test_one_new_publisher_is_one_outlet(db, group):
    done = ingest(f"It was so ({group}).")

    assert len(done.new_outlets) == 1
    assert done.article.claims.get().independent_count == 1


def test_names_mapped_to_one_new_name_are_one_outlet(db):
    new = [new_outlet("Fresh Agency"), new_outlet("Fresh Agency")]

    done = ingest(
        "It was so (Fresh, May 3; Frsh, May 4; Fresh Agency, May 5).",
        chosen_outlets={"Fresh": new[0], "Frsh": new[1]},
    )

    assert [outlet.name for outlet in done.new_outlets] == ["Fresh Agency"]
    assert done.created["citations"] == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Торговля”  растёт", '"торговля" РАСТЁТ'),
        ("Straße nach Kabul", "STRASSE NACH KABUL"),
        ("Long " * 80, "Long " * 80),
    ],
    ids=["quotes, case", "folding", "cut"],
)
def test_a_title_is_the_same_however_it_is_written(db, one, other):
    first = ingest(title=one)

    assert ingest(TEXT + " More.", title=other).article == first.article


def test_an_article_that_an_editor_renamed_is_known_by_its_old_title(db):
    article = ingest().article
    article.title = "In Other Words"
    article.save()
    Claim.objects.get(source_text="Trade grew.").delete()

    done = ingest(TEXT + " More (RBC, May 3).")

    assert done.article == article
    assert done.created["claims"] == 1


def test_articles_that_share_a_name_or_link_and_no_sentence_stay_two(db):
    names = OutletNames.load()

    def read(text):
        return read_article(text, title="Untitled article", url="https://x.kz/", published=None)

    first = write_article(read("Trade grew (TASS, May 3)."), names=names).article
    second = write_article(read("Talks failed (RBC, May 4)."), names=names).article

    assert first != second
    assert Article.objects.get(pk=first.pk).text == "Trade grew (TASS, May 3)."
    assert write_article(read("Talks failed (RBC, May 4). Again."), names=names).article == second


def test_a_reprint_by_another_publisher_is_another_article(db):
    one, other = factories.create_outlet(), factories.create_outlet()

    assert ingest(publisher=one).article != ingest(publisher=other).article


def test_what_was_taken_away_stays_away_when_its_item_is_printed_anew(db):
    ingest("It was so (Akorda.kz, August 15, 16).")
    Citation.objects.get(date_text="2021-08-15").delete()

    done = ingest("It was so (Akorda.kz, Aug. 15, 16, 17).")

    assert done.created == {"citations": 1}
    dates = Citation.objects.values_list("date_text", flat=True)
    assert set(dates) == {"2021-08-16", "2021-08-17"}


def test_a_sentence_that_stands_twice_keeps_each_claim_in_its_place(db):
    twice = "So it was. And so. It grew (TASS, May 3).\n\nIt grew (RBC, May 4)."
    ingest(twice)
    first, second = Claim.objects.filter(text="It grew.").order_by("start")
    once = "So it was. And so. It grew (TASS, May 3).\n\nIt fell (RBC, May 4)."

    assert ingest(once).removed_claims == [second]
    for _ in range(2):
        before = rows()
        assert ingest(once).removed_claims == []
        assert rows() == before

    ingest(twice)
    first.delete()
    assert ingest(twice).removed_citations == []
    second.refresh_from_db()
    assert second.start == twice.rindex("It grew")


def test_sentences_that_differ_in_a_parenthesis_keep_their_own_claims(db):
    ingest("It grew (by ten) again (TASS, May 3).\n\nIt grew (by twenty) again (RBC, May 4).")

    done = ingest("It grew (by twenty) again (RBC, May 4).")

    assert [claim.source_text for claim in done.removed_claims] == ["It grew (by ten) again"]


def test_names_and_links_that_outgrow_their_columns_do_not_fail(db):
    address = "https://x.kz/" + "漢" * 400
    done = ingest(f"It was so (B{'ﷺ' * 150} Wire, May 3; TASS, {address}, May 4).")

    assert done.created["citations"] == 2
    assert Citation.objects.get(outlet__name="TASS").note == address


def test_an_endless_host_takes_no_endless_time(db):
    """Quadratic work on it would take minutes and gigabytes: finishing is the test."""
    names = OutletNames.load()
    for printed in ("a." * 400_000 + "kz", "https://" + "a." * 400_000 + "kz/x"):
        assert names.find(printed) is None
        assert new_outlet(printed).name


def test_two_texts_of_one_title_and_a_phrase_in_common_stay_two(db):
    one = ingest("Here is what happened. Oil fell (TASS, May 3).", title="Weekly digest")
    other = ingest("Here is what happened. Gas rose (RBC, May 9).", title="Weekly digest")

    assert one.article != other.article
    assert other.removed_claims == []


def test_a_short_text_with_a_number_corrected_is_the_same_article(db):
    one = ingest("Trade grew by 5 percent (TASS, May 3).", title="News")

    assert ingest("Trade grew by 6 percent (TASS, May 3).", title="News").article == one.article


def test_the_same_text_finds_its_article_though_its_publisher_was_corrected(db):
    was, corrected = factories.create_outlet(), factories.create_outlet()
    article = ingest(publisher=was).article
    article.publisher = corrected
    article.save()

    assert ingest(publisher=was).article == article


@pytest.mark.parametrize(
    ("before", "after", "created"),
    [
        pytest.param(
            "It grew (by 5) so (TASS, May 3).",
            "It grew (by 5) so (TASS, May 3). But then. It grew (by 7) so (Lenta, May 4).",
            {"claims": 2, "citations": 2, "outlets": 1},
            id="another parenthesis",
        ),
        pytest.param(
            "It grew (TASS, May 3).",
            "It grew (TASS, May 3).\n\nOther.\n\nIt grew (Lenta, May 4).",
            {"claims": 2, "citations": 1, "outlets": 1},
            id="the same words again",
        ),
        pytest.param(
            "It was so (TASS, May 3, 2020).",
            "It was so (TASS, May 3, 2019; TASS, May 3, 2020).",
            {"citations": 1},
            id="another year",
        ),
    ],
)
def test_what_is_new_is_not_taken_for_what_was_read(db, before, after, created):
    ingest(before)

    assert ingest(after).created == created
    assert ingest(after).created.total() == 0


@pytest.mark.parametrize(
    ("before", "after", "field", "value"),
    [
        ("(TASS, August 15)", "(TASS, August 15–17)", "date_end", "2021-08-17"),
        ("(TASS, August 15–17)", "(TASS, August 15)", "date_end", "None"),
        ("(TASS, August 15)", "(TASS, https://tass.ru/1, August 15)", "url", "https://tass.ru/1"),
    ],
)
def test_what_was_corrected_in_print_is_corrected_here(db, before, after, field, value):
    ingest(f"It was so {before}.")
    done = ingest(f"It was so {after}.")

    assert done.removed_citations == []
    assert str(getattr(Citation.objects.get(), field)) == value


def test_what_an_editor_changed_is_not_corrected_back(db):
    ingest("It was so (TASS, August 15).")
    citation = Citation.objects.get()
    citation.date_text = "2021-08-14"
    citation.save()

    ingest("It was so (TASS, August 15–17).")
    citation.refresh_from_db()
    assert (citation.date_text, citation.date_end) == ("2021-08-14", None)


@pytest.mark.parametrize("again", ["www.akorda.kz, August 15", "https://akorda.kz/x, August 15"])
def test_a_day_taken_away_stays_away_when_its_outlet_is_printed_otherwise(db, again):
    ingest("It was so (Akorda.kz, August 15, 16).")
    Citation.objects.get(date_text="2021-08-15").delete()

    assert ingest(f"It was so ({again}).").created.total() == 0


@pytest.mark.parametrize(
    "days",
    [
        "August 22, 2021-July 20, 2021",
        "August 22-August 20",
        "22 августа 2021 - 20 июля 2021",
        "August ٢٠–٢١",
    ],
)
def test_a_range_that_runs_backwards_is_no_day(db, days):
    article = read_article(
        f"It was so (TASS, {days}). Else (RBC, May 3).", title="Days", published="2021-09"
    )

    assert article.groups[0].citations[0].date is None
    assert article.groups[0].unparsed == (days,)
    assert write_article(article, names=OutletNames.load()).created["citations"] == 2


@pytest.mark.parametrize(
    ("one", "other", "outlets"),
    [
        ("https://t.me/s/rybar/1", "https://t.me/s/wargonzo/2", 2),
        ("youtube.com/channel/UCaaa", "youtube.com/channel/UCbbb", 2),
        ("facebook.com/permalink.php?id=1", "facebook.com/abc", 2),
        ("https://t.me/s/rybar/1", "t.me/rybar", 1),
        ("x.com/fresh", "twitter.com/fresh", 1),
        ("https://fresh.kz?x=1", "fresh.kz", 1),
        ("http://fresh.kz:8080/x", "https://user@fresh.kz/a", 1),
        ("m.fresh.kz", "fresh.kz", 1),
        ("ABC News", "The ABC News", 1),
    ],
)
def test_an_account_is_one_outlet_and_a_host_with_all_its_doors(db, one, other, outlets):
    assert ingest(f"It was so ({one}, May 3; {other}, May 4).").created["outlets"] == outlets
