"""Sentences, in three languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.imports.articles.parser.sentences import split_sentences


def split(text):
    return [
        text[start:end] for start, end in split_sentences(text, 0, len(text), closed=[], groups=[])
    ]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(
            ["Trade grew.", "Exports fell!", "Why?", "Nobody knows…", "So be it."], id="plain"
        ),
        pytest.param(["Dr. A. B. Lee met Gen. Orr on Aug. 15.", "He left."], id="titles, initials"),
        pytest.param(["The U.S. envoy left the U.S.", "The talks go on."], id="acronyms"),
        pytest.param(["It rose 3.5 percent, to $1.7 million.", "No. 5 fell."], id="numbers"),
        pytest.param(["He said no.", "Then he left, e.g. by car."], id="no"),
        pytest.param(["1. Borders stay open.", "2. Trains run."], id="numbered"),
        pytest.param(["Acme Inc. shares rose.", "St. Petersburg vs. Moscow."], id="names"),
        pytest.param(["He said: “We came. We saw. We left.”", "Nobody answered."], id="quotation"),
        pytest.param(["“Why? How?” he asked.", "“Go!”", "They went."], id="questions"),
        pytest.param(['She said "One. Two." and left.', "So did we."], id="straight quotes"),
        pytest.param(['A 5" pipe.', "It broke."], id="inches"),
        pytest.param(["“It never closes.", "The text goes on."], id="open"),
        pytest.param(["«Мы пришли. Мы ждём», — сказал он.", "Потом ушёл…", "Всё."], id="«»"),
        pytest.param(["„Er kam. Er ging.“", "Das war alles."], id="low quotes"),
        pytest.param(["В 2021 г. Казахстан принял 135 чел., т. е. всех.", "Так и было."], id="ru"),
        pytest.param(["Об этом сказал К. К. Токаев.", "На ул. Ленина, д. 5 тихо."], id="ru names"),
        pytest.param(
            ["Выросло до 1,7 млн. долл. США.", "Экспорт и т. д.", "В мае упало."], id="money"
        ),
        pytest.param(["Президент Қ. К. Тоқаев 2021 ж. 15 тамызда келді.", "Бұл рас."], id="kk"),
        pytest.param(["Көлемі 229,7 млн. теңге болды.", "Ол өсті."], id="kk numbers"),
        pytest.param(["«Мы победим!» — заявил он.", "«Кто виноват?» — спросили его."], id="speech"),
        pytest.param(["Президент К.-Ж. Токаев и Col.-Gen. A. Orr прибыли.", "Да."], id="hyphens"),
        pytest.param(["It is history.[1]", "Nobody forgot.[2][3]", "They left."], id="footnotes"),
        pytest.param(["An end without a stop"], id="no stop"),
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts):
    assert split(" ".join(parts)) == parts


def test_a_parenthesis_holds_together_and_a_group_belongs_to_the_sentence_before_it():
    text = "Trade grew (it fell. Really). It ended. (TASS, May 3) More came."
    aside = (text.index("("), text.index(")") + 1)
    group = (text.index("(TASS"), text.index("May 3)") + 6)

    spans = split_sentences(text, 0, len(text), closed=[aside, group], groups=[group[0]])

    assert [text[start:end] for start, end in spans] == [
        "Trade grew (it fell. Really).",
        "It ended. (TASS, May 3)",
        "More came.",
    ]


@given(st.text(alphabet='ab AB.!?…“”"«»()12 \n', max_size=120))
def test_nothing_is_lost_between_sentences(text):
    spans = split_sentences(text, 0, len(text), closed=[], groups=[])

    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
