"""Parentheses that cite. The groups' facts are real; the sentences around them are ours."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factcheck.imports.articles.parser.citation_groups import find_groups
from factcheck.imports.errors import ArticleError


def cited(text, published="2021-09", **options):
    """What each group of `text` cites: `outlet date` in reading order."""
    found = find_groups(text, published, **options)
    return [
        f"{report.outlet} {report.date}" + (f"/{report.date_end}" if report.date_end else "")
        for group in found.groups
        for report in group.citations
    ]


@pytest.mark.parametrize(
    ("group", "published", "wanted"),
    [
        # Items part at semicolons; outlets share the date behind them.
        ("Kursiv.kz, Kapital.kz, Radio Azattyq, August 16", "2021-09",
         ["Kursiv.kz 2021-08-16", "Kapital.kz 2021-08-16", "Radio Azattyq 2021-08-16"]),
        ("TASS, August 20; Lenta, RBC, July 9", "2021-09",
         ["TASS 2021-08-20", "Lenta 2021-07-09", "RBC 2021-07-09"]),
        ("Interfax, TASS, and RIA Novosti, May 3", "2019-06",
         ["Interfax 2019-05-03", "TASS 2019-05-03", "RIA Novosti 2019-05-03"]),
        # Several dates.
        ("Akorda.kz, August 15, 16", "2021-09", ["Akorda.kz 2021-08-15", "Akorda.kz 2021-08-16"]),
        ("Interfax, January 26, 27", "2010-01", ["Interfax 2010-01-26", "Interfax 2010-01-27"]),
        ("Interfax, August 15 and 16", "2021-09", ["Interfax 2021-08-15", "Interfax 2021-08-16"]),
        ("Lenta, August 31, September 1", "2021-09", ["Lenta 2021-08-31", "Lenta 2021-09-01"]),
        ("see EDM, September 20, October 6, 10, 2017", "2019-09",
         ["EDM 2017-09-20", "EDM 2017-10-06", "EDM 2017-10-10"]),
        ("see EDM, September 20; October 6, 2017", "2019-09",
         ["EDM 2017-09-20", "EDM 2017-10-06"]),
        ("EDM, December 20, January 15, 2014", "2014-02", ["EDM 2013-12-20", "EDM 2014-01-15"]),
        # An item that is only a date.
        ("see EDM, February 24, 2014; June 10, 2014", "2014-08",
         ["EDM 2014-02-24", "EDM 2014-06-10"]),
        ("see EDM, October 17, 2022; September 12, 2022; July 25, 2022", "2023-01",
         ["EDM 2022-10-17", "EDM 2022-09-12", "EDM 2022-07-25"]),
        ("TASS, Interfax, May 3; May 5", "2019-06",
         ["TASS 2019-05-03", "Interfax 2019-05-03", "Interfax 2019-05-05"]),
        ("TASS, May 3; ibid., May 5", "2019-06", ["TASS 2019-05-03", "TASS 2019-05-05"]),
        # Ranges.
        ("Xinhua, August 15–17", "2021-09", ["Xinhua 2021-08-15/2021-08-17"]),
        ("Xinhua, August 30-September 2", "2021-09", ["Xinhua 2021-08-30/2021-09-02"]),
        ("Xinhua, December 30–January 2", "2021-09", ["Xinhua 2020-12-30/2021-01-02"]),
        ("Xinhua, December 30, 2019–January 2, 2020", "2021-09",
         ["Xinhua 2019-12-30/2020-01-02"]),
        ("ТАСС, 15–17 августа", "2021-09", ["ТАСС 2021-08-15/2021-08-17"]),
        # The year.
        ("Abc.az, April 13; Azernews, March 10", "2016-04",
         ["Abc.az 2016-04-13", "Azernews 2016-03-10"]),
        ("Nomad.su, December 9", "2018-01", ["Nomad.su 2017-12-09"]),
        ("Nomad.su, December 9", "2018", ["Nomad.su 2018-12-09"]),
        ("Nomad.su, September 11", "2021-09-10", ["Nomad.su 2020-09-11"]),
        ("Nomad.su, September 10", "2021-09-10", ["Nomad.su 2021-09-10"]),
        ("Nomad.su, February 29", "2021-09", ["Nomad.su 2020-02-29"]),
        ("Nomad.su, December 9", None, ["Nomad.su --12-09"]),
        ("Xinhua, August 15–17", None, ["Xinhua --08-15/--08-17"]),
        ("Informburo.kz, September 10, 2018", None, ["Informburo.kz 2018-09-10"]),
        ("Foreign Affairs, June 2019", "2021-09", ["Foreign Affairs 2019-06"]),
        # Names, domains, accounts, addresses.
        ("24.kz, June 23", "2019-06", ["24.kz 2019-06-23"]),
        ("Mfa.gov.az, June 19", "2019-06", ["Mfa.gov.az 2019-06-19"]),
        ("www.infox.ru, January 16", "2010-01", ["www.infox.ru 2010-01-16"]),
        ("Twitter.com/TokayevKZ, August 15", "2021-09", ["Twitter.com/TokayevKZ 2021-08-15"]),
        ("@TokayevKZ, August 15", "2021-09", ["@TokayevKZ 2021-08-15"]),
        ("RFE/RL, Aug. 20; AFP, Sept. 3; 112 Ukraina, Jul 4", "2021-09",
         ["RFE/RL 2021-08-20", "AFP 2021-09-03", "112 Ukraina 2021-07-04"]),
        ("International Herald and Tribune, August 1", "2005-08",
         ["International Herald and Tribune 2005-08-01"]),
        ("Ministry of Defense, Republic of Belarus, June 3", "2021-09",
         ["Ministry of Defense, Republic of Belarus 2021-06-03"]),
        ("Daily Sabah, The Daily Beast, August 4", "2021-09",
         ["Daily Sabah 2021-08-04", "The Daily Beast 2021-08-04"]),
        ("Dawn [Karachi], August 4", "2021-09", ["Dawn 2021-08-04"]),
        ("525-ci Qazet, 1+1 TV, August 4", "2021-09",
         ["525-ci Qazet 2021-08-04", "1+1 TV 2021-08-04"]),
        ("The Day, Sunday Times, As-Safir, August 4", "2021-09",
         ["The Day 2021-08-04", "Sunday Times 2021-08-04", "As-Safir 2021-08-04"]),
        ("Institute for the Study of War, August 4", "2021-09",
         ["Institute for the Study of War 2021-08-04"]),
        ("Ғылым және жоғары білім министрлігі, 3 маусым", "2021-09",
         ["Ғылым және жоғары білім министрлігі 2021-06-03"]),
        ("新华社, May 5", "2021-09", ["新华社 2021-05-05"]),
        ("“Ekho Moskvy,” August 3", "2021-09", ["Ekho Moskvy 2021-08-03"]),
        ("“Rezonansi,” “24 Saati,” August 3", "2021-09",
         ["Rezonansi 2021-08-03", "24 Saati 2021-08-03"]),
        ("«Коммерсантъ», РБК, 3 июня", "2021-09", ["Коммерсантъ 2021-06-03", "РБК 2021-06-03"]),
        ("iStories, August 3", "2021-09", ["iStories 2021-08-03"]),
        ("the newspaper Vedomosti, August 4", "2021-09", ["Vedomosti 2021-08-04"]),
        # Lost outlets, lost separators, lost spaces.
        (", September 22", "2017-09", ["None 2017-09-22"]),
        (", 03/28/23, Damien Ma", "2023-04-20", ["None 2023-03-28"]),
        ("see EDM, July 24, 2023August 3, 2023", "2024-03-08",
         ["EDM 2023-07-24", "EDM 2023-08-03"]),
        ("TASS,August 20;RBC,August 21", "2021-09", ["TASS 2021-08-20", "RBC 2021-08-21"]),
        ("Kun.uz, Gazeta.uz September 4", "2021-09",
         ["Kun.uz 2021-09-04", "Gazeta.uz 2021-09-04"]),
        # Other languages and styles.
        ("ТАСС, 20 августа", "2021-09", ["ТАСС 2021-08-20"]),
        ("ТАСС, РИА Новости, 15, 16 августа 2021 г.", None,
         ["ТАСС 2021-08-15", "ТАСС 2021-08-16", "РИА Новости 2021-08-15",
          "РИА Новости 2021-08-16"]),
        ("Egemen Qazaqstan, 20 тамыз; Informburo.kz, 2021 жылғы 5 мамыр", "2021-09",
         ["Egemen Qazaqstan 2021-08-20", "Informburo.kz 2021-05-05"]),
        ("Reuters, 03/26/23, Fabian Hamacher and Ann Wang", "2023-04-20", ["Reuters 2023-03-26"]),
        ("Vedomosti, 29.03.2023; Lenta, 2023-03-30", "2023-04",
         ["Vedomosti 2023-03-29", "Lenta 2023-03-30"]),
        ("TASS, Monday, August 16", "2021-09", ["TASS 2021-08-16"]),
        ("Kremlin.ru on 20 August", "2021-09", ["Kremlin.ru 2021-08-20"]),
        ("Коммерсантъ, 12 июня.; TASS, May 12.", "2021-09",
         ["Коммерсантъ 2021-06-12", "TASS 2021-05-12"]),
        # What stands behind a date in one part.
        ("see EDM, June 8 and China Brief, June 9", "2021-09",
         ["EDM 2021-06-08", "China Brief 2021-06-09"]),
        ("TASS, June 3 RBC, June 4", "2021-09", ["TASS 2021-06-03", "RBC 2021-06-04"]),
        ("TASS, June 3: RBC, June 4", "2021-09", ["TASS 2021-06-03", "RBC 2021-06-04"]),
        ("see EDM, June 8—Part One; June 9—Part Two", "2021-09",
         ["EDM 2021-06-08", "EDM 2021-06-09"]),
        ("see EDM, Part One, June 8; Part Two, June 9", "2021-09",
         ["EDM 2021-06-08", "EDM 2021-06-09"]),
        ("TASS, May 31 [in Russian]", "2021-09", ["TASS 2021-05-31"]),
        ("TASS, June 1 through June 3", "2021-09", ["TASS 2021-06-01/2021-06-03"]),
        ("CNN, 10-Jun", "2021-09", ["CNN 2021-06-10"]),
        ("Kyiv Post; June 8", "2021-09", ["Kyiv Post 2021-06-08"]),
        ("Interfax, TASS, both June 8", "2021-09", ["Interfax 2021-06-08", "TASS 2021-06-08"]),
        ("Terrorism Monitor, Volume 7, Issue 3, February 5, 2009", "2021-09",
         ["Terrorism Monitor 2009-02-05"]),
        # Introductions.
        ("see Part One in EDM, January 28", "2021-02", ["EDM 2021-01-28"]),
        ("see Commentaries, July 20; EDM, August 2, September 7", "2016-10",
         ["Commentaries 2016-07-20", "EDM 2016-08-02", "EDM 2016-09-07"]),
        ("see “War by Other Means”", "2024-03-08", ["War by Other Means None"]),
        ("see, for example, EDM, April 6", "2016-04", ["EDM 2016-04-06"]),
        ("for background, see EDM, April 6", "2016-04", ["EDM 2016-04-06"]),
        ("see our earlier analysis in EDM, April 6", "2016-04", ["EDM 2016-04-06"]),
        ("see related story, EDM, April 6", "2016-04", ["EDM 2016-04-06"]),
        ("six, according to TASS, June 3", "2021-09", ["TASS 2021-06-03"]),
        ("interview with Interfax, June 3", "2021-09", ["Interfax 2021-06-03"]),
        ("подробнее см. ТАСС, 3 июня", "2021-09", ["ТАСС 2021-06-03"]),
        ("по сообщению Интерфакса, 3 июня", "2021-09", ["Интерфакса 2021-06-03"]),
        ("“A Title, With a Comma,” Terrorism Monitor, August 3", "2021-09",
         ["Terrorism Monitor 2021-08-03"]),
        ("Svaboda; Carnegie Politika, November 7; Zerkalo, November 9", "2023-11",
         ["Svaboda None", "Carnegie Politika 2023-11-07", "Zerkalo 2023-11-09"]),
    ],
)  # fmt: skip
def test_a_group_is_read(group, published, wanted):
    assert cited(f"So it was reported ({group}).", published) == wanted


@pytest.mark.parametrize(
    "aside",
    [
        *("SCO", "DPR, LPR", "s", "bcm", "March", "Part Two", "Stepanakert", "Shchit Soyuza", "52"),
        *("$49 billion", "about 9 miles", "allegedly 18", "as in 2006", "on May 1–3", "June 7–11"),
        *("September 29–November 9, 2020", "October-November 2009", "January 28", "May 3; May 5"),
        *("lower chamber of parliament", "in the Agdam district", "Source: TASS", "1952–2010"),
        *("see below", "see Figure 1", "see Part Two", "e.g., the CSTO", "i.e. the army", "U.S."),
        *("Sochi, October 18", "Москва, 9 мая", "Victory Day, May 9", "Zapad 2013", "5 мая"),
        *("Wales Summit, September 2014", "Sea Breeze 2017, July 10", "NATO classification: “Fox”"),
        *("Georgia, May 2003", "Ilovaisk, August 2014", "Budapest Memorandum, December 5, 1994"),
        *("see Appendix", "Source: Kremlin.ru", "Decision 123, June 2013"),
        *("Resolution 1401, March 28, 2002", "Blank, 2019"),
        *("born March 3, 1952", "retired on August 3", "author’s interview, Baku, March 3"),
        *("https:///x, August 20", "http://?"),
        *("Decree of June 3", "Meeting on June 3", "Соглашение от 9 ноября 2020 года"),
        *("Poltava, July 8, 1709", "Nowruz, March 21", "Eid al-Adha, June 28", "Пасха, 16 апреля"),
        *("День Победы, 9 мая", "Khojaly massacre, February 26, 1992"),
        *("Orthodox Christmas, January 7", "“prigovor,” July 14"),
        *("Since August 15", "Monday, August 16", "10:30 a.m., June 3", "т.е.после", ""),
    ],
)  # fmt: skip
def test_an_aside_is_no_citation(aside):
    text = f"So it was reported ({aside})."
    found = find_groups(text, "2021-09")

    assert found.groups == ()
    assert [span.raw for span in found.ignored] == [f"({aside})"]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("As Ukrayinska Pravda (February 24) wrote, nothing was signed.",
         ["Ukrayinska Pravda 2021-02-24"]),
        ("Lietuvos Rytas (July 20) reported it.", ["Lietuvos Rytas 2021-07-20"]),
        ("According to the Moscow Times (May 3) it was so.", ["Moscow Times 2021-05-03"]),
        ("Kremlin.ru (May 3) has the text.", ["Kremlin.ru 2021-05-03"]),
        ("Как сообщила «Независимая газета» (5 мая), всё тихо.",
         ["Независимая газета 2021-05-05"]),
        ("The papers went to the Russian daily Kommersant (May 3), it was said.",
         ["Kommersant 2021-05-03"]),
        ("Two weeks ago (May 3, 2019), nothing was known.", []),
        ("The president (May 3) said so.", []),
        ("President Tokayev (May 3) said so.", []),
        ("He spoke on Victory Day (May 9) in Minsk (May 10).", []),
        ("As the ministry (May 3) wrote, all is well.", []),
    ],
)  # fmt: skip
def test_a_date_behind_an_outlet_in_the_sentence(sentence, wanted):
    assert cited(sentence) == wanted


def read_one(group, published="2021-09"):
    (found,) = find_groups(f"So it was ({group}).", published).groups
    return found


def test_addresses_are_outlet_and_link_in_one():
    (report,) = read_one("https://ria.ru/incidents/20140108/988253190.html").citations
    assert report.outlet == report.url == "https://ria.ru/incidents/20140108/988253190.html"
    assert report.date is None

    (report,) = read_one("www.kavkaz-uzel.ru/articles/204389/").citations
    assert report.url == "https://www.kavkaz-uzel.ru/articles/204389/"

    (report,) = read_one("Twitter.com/TokayevKZ, August 15").citations
    assert report.url is None  # an account is not a report


def test_a_link_beside_an_outlet_is_its_report():
    one, other = read_one(
        "Tengrinews.kz, https://tengrinews.kz/a,b_1/, May 3; TASS, May 4, https://tass.ru/x."
    ).citations
    assert (one.outlet, one.date, one.url) == (
        "Tengrinews.kz", "2021-05-03", "https://tengrinews.kz/a,b_1/",
    )  # fmt: skip
    assert (other.outlet, other.date, other.url) == ("TASS", "2021-05-04", "https://tass.ru/x")


@pytest.mark.parametrize(
    ("group", "note"),
    [
        ("see EDM, May 3", "see"),
        ("see Part One in EDM, May 3", "see Part One"),
        ("Stat.gov.kz, accessed May 3, 2021", "accessed"),
        ("Stat.gov.kz, May 2, accessed May 3, 2021", "accessed May 3, 2021"),
        ("Reuters, 05/03/21, Ben Blanchard and Yimou Lee", "author: Ben Blanchard and Yimou Lee"),
        ("Ozodi.org, May 3, in Tajik", "in Tajik"),
        ("Ozodi.org, May 3 (in Tajik)", "in Tajik"),
        ("The Moscow Times, p. 3, May 3", "p. 3"),
    ],
)
def test_what_stands_beside_a_citation_is_its_note(group, note):
    (report,) = read_one(group).citations

    assert report.note == note


def test_an_access_date_stands_in_for_a_date_that_is_not_printed():
    (report,) = read_one("Stat.gov.kz, accessed May 3, 2020").citations
    assert (report.date, report.note) == ("2020-05-03", "accessed")

    (report,) = read_one("Stat.gov.kz, May 2, accessed May 3").citations
    assert (report.date, report.note) == ("2021-05-02", "accessed May 3")


def test_what_cannot_be_placed_is_kept():
    assert read_one("TASS, February 30; Lenta, August 32").unparsed == ("February 30", "August 32")
    assert read_one("TASS, August 22–20; Lenta, May 3").unparsed == ("August 22–20",)
    assert read_one("TASS, May 3; author’s interview, May 4").unparsed == (
        "author’s interview, May 4",
    )
    assert read_one("TASS, May 3, Some Afterthought").unparsed == ("Some Afterthought",)
    assert read_one("SCO; see EDM, May 3").unparsed == ("SCO",)


def test_raw_text_and_offsets():
    text = "Это было так (ТАСС, 20 августа; Kursiv.kz, Kapital.kz, 16 августа). И всё (SCO)."
    found = find_groups(text, "2021-09")

    (group,) = found.groups
    assert group.raw == text[group.start : group.end]
    assert [report.raw for report in group.citations] == [
        "ТАСС, 20 августа",
        *["Kursiv.kz, Kapital.kz, 16 августа"] * 2,
    ]
    assert all(report.raw == text[report.start : report.end] for report in group.citations)
    assert [text[span.start : span.end] for span in found.ignored] == ["(SCO)"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A (TASS,\nMay 3). B (RBC,\r\nMay 4).", ["(TASS,\nMay 3)", "(RBC,\r\nMay 4)"]),
        ("A (TASS, May 3\n\nB (RBC, May 4).", ["(TASS, May 3", "(RBC, May 4)"]),
        ("A (TASS, May 3\nB 1) one (RBC, May 4).", ["(TASS, May 3", "(RBC, May 4)"]),
        ("A (TASS, May 3. Then more.", ["(TASS, May 3"]),
        ("A (the ministry (TASS, May 3) said).", ["(TASS, May 3)"]),
        ("A ((TASS, May 3)).", ["(TASS, May 3)"]),
        ("A (see Spektr.press,... MORE", ["(see Spektr.press,.."]),
        ("A (TASS, May 3; RBC, M… MORE", ["(TASS, May 3; RBC, M… MORE"]),
    ],
)
def test_where_a_group_ends(text, wanted):
    assert [group.raw for group in find_groups(text, "2021-09").groups] == wanted


def test_a_known_outlet_helps_to_choose_between_readings():
    names = {"TASS", "Interfax", "Foreign, Commonwealth Office", "kp", "Kommersant"}
    known = names.__contains__

    assert cited("A (TASS and Interfax, May 3).") == ["TASS and Interfax 2021-05-03"]
    assert cited("A (TASS and Interfax, May 3).", is_outlet=known) == [
        "TASS 2021-05-03",
        "Interfax 2021-05-03",
    ]
    assert cited("A (Foreign, Commonwealth Office, May 3).", is_outlet=known) == [
        "Foreign, Commonwealth Office 2021-05-03"
    ]
    assert cited("A (kp, May 3).") == []
    assert cited("A (kp, May 3).", is_outlet=known) == ["kp 2021-05-03"]
    assert cited("A (Kommersant, 2020).", is_outlet=known) == ["Kommersant 2020"]


@pytest.mark.parametrize("published", ["September", "2021-13", "--09-10", "21", "2021-09-31"])
def test_a_bad_day_of_publication_is_refused(published):
    with pytest.raises(ArticleError, match="date_invalid"):
        find_groups("A (TASS, May 3).", published)


PIECES = st.sampled_from(
    [
        *("(", ")", ",", ";", " ", "\n", "\n\n", "“", "”", '"', "«", "»", ".", "…", "–", "/", "@"),
        *("TASS", "Tengrinews.kz", "see ", "May 3", "15", "16", "2021", "August ", "20 августа"),
        *("https://a.kz/x", "03/29/23", "accessed ", "and ", "Part One ", "in ", "May 2, 2021"),
        *("ibid.", "№", "\u200b", "\ud800", "İ", "𝟙", "٣", "Dec ", "31", "29", "February ", "1–3"),
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join)),
    st.sampled_from([None, "2021", "2021-02", "2021-02-28", "0001", "9999-12-31"]),
)
def test_no_text_makes_it_fail_and_every_offset_holds(text, published):
    found = find_groups(text, published)

    position = 0
    for group in found.groups:
        assert group.start >= position
        assert group.raw == text[group.start : group.end]
        assert group.citations or group.unparsed
        for report in group.citations:
            assert report.raw == text[report.start : report.end]
        position = group.end
    assert all(span.raw == text[span.start : span.end] for span in found.ignored)


NAMES = st.sampled_from(["TASS", "Tengrinews.kz", "Radio Azattyq", "Lsm.kz", "РИА Новости"])
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(st.lists(st.tuples(NAMES, DAYS), min_size=1, max_size=6), st.sampled_from(["; ", ";\n"]))
def test_what_is_printed_is_what_is_read(pairs, separator):
    group = separator.join(f"{name}, {day:%B} {day.day}, {day.year}" for name, day in pairs)

    assert cited(f"So it was ({group}).") == [f"{name} {day}" for name, day in pairs]


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        "()",
        "(see ",
        "(TASS, May 3). ",
        "(\n",
        "“",
        "(a ",
        "( ",
        "(1, ",
        "May ",
        "(www.a.",
        ")",
    ],
)
def test_work_grows_with_the_text_and_no_faster(unit):
    """Quadratic work on these would take minutes: finishing is the test."""
    find_groups(unit * (100_000 // len(unit)), "2021-09")
    find_groups("(" * 1_000 + unit * (25_000 // len(unit)) + ")" * 1_000, "2021-09")


@pytest.mark.parametrize(
    ("group", "cited"),
    [
        ("(Foreign Notes, “A Game of Years,” August 5)", [("Foreign Notes", "2021-08-05")]),
        ("(The Times, “East It Turns”, August 5)", [("The Times", "2021-08-05")]),
        (
            "(ТАСС, «Российская газета», 3 мая)",
            [("ТАСС", "2021-05-03"), ("Российская газета", "2021-05-03")],
        ),
        ("(by TASS, August 5)", [("TASS", "2021-08-05")]),
        (
            "(Lenta.ru and Gazeta.ru, August 5)",
            [("Lenta.ru", "2021-08-05"), ("Gazeta.ru", "2021-08-05")],
        ),
        (
            "(Interfax, August 15, TASS, August 17, 2020)",
            [("Interfax", "2020-08-15"), ("TASS", "2020-08-17")],
        ),
        ("(Minsk II, February 12, 2015)", []),
        ("(USS Ross, July 3)", []),
        ("(Su-35, May 3)", []),
        ("(Договор о дружбе, 15 мая 1992)", []),
    ],
)
def test_titles_and_things_are_told_from_outlets(group, cited):
    found = find_groups(f"So it was {group}.", "2021-09").groups

    assert [(one.outlet, one.date) for each in found for one in each.citations] == cited
