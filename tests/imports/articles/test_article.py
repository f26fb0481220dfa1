"""From a text to paragraphs, statements and the groups they rest on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.imports.articles.parser.article import read_article
from factcheck.imports.errors import ArticleError


def read(text, published="2021-09", **options):
    return read_article(text, published=published, **options)


def tied(article):
    return [(statement.plain, statement.groups) for statement in article.statements]


def test_a_statement_rests_on_the_group_that_ends_its_span():
    article = read(
        "Trade grew. It was small (Lsm.kz, August 16). Flour led (Total.kz, August 23).\n"
        "Nobody cites this.\n"
        "Talks began. (TASS, August 20) They went on."
    )

    assert tied(article) == [
        ("Trade grew.", (0,)),
        ("It was small.", (0,)),
        ("Flour led.", (1,)),
        ("Nobody cites this.", ()),
        ("Talks began.", (2,)),
        ("They went on.", ()),
    ]
    assert [statement.paragraph for statement in article.statements] == [1, 1, 1, 2, 3, 3]
    assert article.group_paragraphs == (1, 1, 3)


def test_a_sentence_may_rest_on_several_groups():
    article = read("One first. He said yes (TASS, May 3), she said no (RBC, May 4; Lenta, May 5).")

    assert tied(article) == [("One first.", (0,)), ("He said yes, she said no.", (0, 1))]


def test_groups_that_follow_one_another_close_a_span_together():
    article = read("So it was. And so it stayed. (TASS, May 3) (RBC, May 4)")

    assert [groups for _plain, groups in tied(article)] == [(0,), (0, 1)]


def test_an_outlet_named_in_a_sentence_speaks_for_that_sentence_alone():
    article = read("Nobody knew. As Vlast.kz (May 3) wrote, it was late. Trade grew (TASS, May 4).")

    assert tied(article) == [
        ("Nobody knew.", (1,)),
        ("As Vlast.kz (May 3) wrote, it was late.", (0,)),
        ("Trade grew.", (1,)),
    ]


def test_a_group_on_a_line_of_its_own_closes_the_paragraph_before_it():
    for gap in ("\n", "\n\n"):
        article = read(f"The talks go on. They are long.{gap}(UNIAN, June 5)")
        assert [groups for _plain, groups in tied(article)] == [(0,), (0,)]
        assert article.paragraphs == 1
    assert tied(read("The rest followed\n(Svaboda.org, June 5).")) == [("The rest followed.", (0,))]


def test_offsets_count_the_characters_of_the_text():
    text = (
        "\ufeffПервое. Второе дело\r\nстоит (ТАСС, 20 августа).\r\n\r\n  Third one (SCO) here!\r\n"
    )
    article = read(text)

    assert [statement.text for statement in article.statements] == [
        "\ufeffПервое.",
        "Второе дело\r\nстоит",
        "Third one (SCO) here!",
    ]
    for statement in article.statements:
        assert text[statement.start : statement.end] == statement.text
    assert article.statements[1].plain == "Второе дело стоит."


PAGE = """Kazakhstan Waits
By the Factcheck editors
September 10, 2021

{body}

Share this:
Facebook
Labels: Kazakhstan, Afghanistan
No comments:
Post a Comment
I disagree with every word. It is wrong (TASS, May 3).
"""


def test_title_by_line_day_and_leftovers_are_no_claims():
    article = read_article(
        PAGE.format(body="Trade grew (Lsm.kz, August 16).\n\nOutlook\n\nIt may last.")
    )

    assert (article.title, article.author) == ("Kazakhstan Waits", "the Factcheck editors")
    assert article.published == "2021-09-10"
    assert tied(article) == [("Trade grew.", (0,)), ("It may last.", ())]
    assert article.paragraphs == 2
    assert article.groups[0].citations[0].date == "2021-08-16"


def test_what_is_given_wins_over_what_the_text_says():
    article = read_article(
        PAGE.format(body="Trade grew (Lsm.kz, August 16)."),
        title="Mine", author="Me", published="2019",
    )  # fmt: skip

    assert (article.title, article.author, article.published) == ("Mine", "Me", "2019")
    assert article.groups[0].citations[0].date == "2019-08-16"


@pytest.mark.parametrize(
    ("front", "title", "author"),
    [
        ("George Voloshin\n", "", "George Voloshin"),
        ("Kabul Falls\nGeorge Voloshin\n", "Kabul Falls", "George Voloshin"),
        ("What Astana Sees\nGeorge Voloshin\n", "What Astana Sees", "George Voloshin"),
        ("By George Voloshin\n", "", "George Voloshin"),
        ("Автор: Ерлан Қарин\n", "", "Ерлан Қарин"),
        ("Rivers Without Years\n", "Rivers Without Years", ""),
        ("What next for Kabul?\n", "What next for Kabul?", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_lines_before_the_body(front, title, author):
    article = read(
        f"{front}Trade with the southern neighbour grew. It is small (Lsm.kz, August 16)."
    )

    assert (article.title, article.author) == (title, author)
    assert len(article.statements) == 2


@pytest.mark.parametrize(
    "line",
    [
        *("June 14, 2021", "14 June 2021", "June 14, 2021 04:50 PM Age: 2 days"),
        *("Published: June 14, 2021", "14 июня 2021 г., 10:30", "June 14, 2021 | 5 min read"),
        "EURASIA DAILY MONITOR Volume 18, Issue 93, June 14, 2021",
    ],
)
def test_the_day_of_publication_before_the_body(line):
    article = read_article(f"Kabul Falls, Again and Again\n{line}\nTrade grew (TASS, June 3).")

    assert (article.title, article.published) == ("Kabul Falls, Again and Again", "2021-06-14")


def test_a_title_that_was_given_is_not_read_again_as_an_author():
    article = read("Kabul Falls\nTrade grew (TASS, June 3).", title="Kabul falls")

    assert (article.author, len(article.statements)) == ("", 1)


def test_lines_of_a_list_are_no_headings():
    article = read("Trade grew (TASS, June 3).\n\n• Kyiv gained ground\n• Minsk waited")

    assert len(article.statements) == 3


def test_a_first_paragraph_is_not_taken_for_a_title():
    article = read("“We wait. We see.”\nThen the talks began. (TASS, May 3)")

    assert (article.title, len(article.statements)) == ("", 2)


@pytest.mark.parametrize(
    "leftover",
    ["Share", "Tweet", "Read more: Kabul", "Subscribe to our newsletter", "© 2021 Monitor",
     "Tags: trade", "Click here to read it all.",
     "© 2021 The Monitor. All rights reserved.",
     "Поделиться", "Читайте также: Кабул", "Бөлісу", "Advertisement"],
)  # fmt: skip
def test_furniture_is_no_claim(leftover):
    article = read(f"Trade grew (Lsm.kz, August 16).\n{leftover}\nIt is small.")

    assert [plain for plain, _groups in tied(article)] == ["Trade grew.", "It is small."]


def test_a_sentence_that_begins_like_furniture_is_a_claim():
    line = "Published in May by the ministry, the report counts 135 people."

    assert [plain for plain, _groups in tied(read(f"Trade grew (TASS, May 3).\n{line}"))][
        -1
    ] == line


WRAPPED = """Kazakhstan sold more flour and wheat to its southern neighbour than any
other country did, which made up nearly all of what was traded between the
two of them. Only raisins went the other way in numbers worth the name (Lsm.kz,
August 16, 19).

A second paragraph."""


@pytest.mark.parametrize("day", ["2021-13-05", "2021-00-05", "2021-05-00"])
def test_a_date_that_no_calendar_has_is_no_date(day):
    article = read(f"{day}\n\nTrade grew (TASS, {day}; RBC, May 4).", published=None)

    assert article.published == ""
    assert [(cited.outlet, cited.date) for cited in article.groups[0].citations] == [
        ("TASS", None),
        ("RBC", "--05-04"),
    ]
    assert article.groups[0].unparsed == (day,)


def test_lines_broken_at_a_width_are_one_paragraph():
    article = read(WRAPPED)

    assert article.paragraphs == 2
    assert [groups for _plain, groups in tied(article)] == [(0,), (0,), ()]
    assert "than any other country" in article.statements[0].plain


def test_each_line_is_a_paragraph_where_lines_are_whole():
    article = read("One line says this and it ends here.\nThe next one is another line.\nA third.")

    assert article.paragraphs == 3


def test_the_year_needs_a_day_of_publication():
    text = "Trade grew (Lsm.kz, August 16)."

    assert read(text, None).groups[0].citations[0].date == "--08-16"
    with pytest.raises(ArticleError, match="date_invalid"):
        read(text, "last week")


@given(
    st.lists(
        st.sampled_from(
            ["Trade grew", ". ", " (TASS, May 3)", "\n", "\n\n", "“", "”", "(", ")", "By X Y",
             "г. ", "No comments:", "\r\n", " ", "Share", "(As Vlast.kz (May 3) wrote", "\u2029"]
        ),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_no_text_makes_it_fail_and_spans_hold(text):
    article = read(text)

    position = 0
    for statement in article.statements:
        assert position <= statement.start < statement.end
        assert text[statement.start : statement.end] == statement.text
        assert 1 <= statement.paragraph <= article.paragraphs
        assert all(0 <= index < len(article.groups) for index in statement.groups)
        position = statement.end
    assert len(article.group_paragraphs) == len(article.groups)


@pytest.mark.parametrize("unit", ["\n", "\r", ". ", "A. ", "(TASS, May 3). ", "“a. ”", "(a)\n"])
def test_work_grows_with_the_text_and_no_faster(unit):
    """Quadratic work on these would take minutes: finishing is the test."""
    read(unit * (100_000 // len(unit)))
