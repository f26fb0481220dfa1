"""Names are found in any script, and words in any form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowballstemmer.english_stemmer import EnglishStemmer
from snowballstemmer.russian_stemmer import RussianStemmer

from factcheck.text import search_keys
from factcheck.text.normalize import fold
from factcheck.text.search_keys import BARRIER, fold_for_search, prefix_keys, tokenize, word_keys
from tests import names


def meet(one, other):
    return not set(word_keys(fold(one)).all).isdisjoint(word_keys(fold(other)).all)


@pytest.mark.parametrize(
    "forms",
    [
        "Tokayev Tokaev Токаев Токаева Токаеву Токаевым Тоқаев Тоқаевтың Toqaev",
        "Kazakhstan Kazakhstan's Казахстан Казахстане Қазақстан Қазақстанда Qazaqstan",
        "Kabul Кабул Кабуле Кабұл Кабұлда",
        "embassy embassies Embassy’s",
        "Zelensky Zelenskyy Зеленский Зеленского",
        "Herat Герат Герате",
    ],
)
def test_forms_of_one_name_are_one(forms):
    first, *others = forms.split()

    assert [other for other in others if not meet(first, other)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kabul", "Kandahar"), ("Tokayev", "Taliban"), ("2011", "2012"), ("trade", "train")],
)
def test_other_names_stay_apart(one, other):
    assert not meet(one, other)


def test_names_that_no_rule_was_made_on_find_each_other():
    pairs = list(names.cross_script_pairs(names.HELD_OUT))
    share = sum(meet(one, other) for one, other in pairs) / len(pairs)

    assert len(pairs) > 1000
    assert share >= 0.9


def test_names_find_no_other_names():
    lines = names.TUNED + names.HELD_OUT
    form = {fold(word): number for number, line in enumerate(lines) for word in line.split()}
    form.pop("|")
    found = [(one, other) for one in form for other in form if one != other and meet(one, other)]
    right = sum(form[one] == form[other] for one, other in found)

    assert right / len(found) >= 0.97


@given(st.text())
def test_keys_are_plain_for_any_engine(text):
    for token in tokenize(text):
        for key in word_keys(token).all:
            assert key.isascii()
            assert key.isalnum()
            assert key == key.lower()
            assert BARRIER not in key
            assert 0 < len(key) <= 61


@given(st.from_regex(r"[a-z]{3,9}", fullmatch=True), st.integers(2, 8))
def test_a_beginning_finds_every_word_that_goes_on_from_it(word, length):
    assert word_keys(word).full.startswith(prefix_keys(word[:length]))


@given(
    st.from_regex(r"(?:[бвгджзклмнпрстфхцчшщқғң][аеиоуыюяәөұүі]){2,4}[йкст]?", fullmatch=True),
    st.integers(2, 8),
)
def test_a_beginning_in_other_letters_does_so_too(word, length):
    assert word_keys(word).full.startswith(prefix_keys(word[:length]))


@pytest.mark.parametrize(
    "word",
    "Russia Russians Россия Ресей Ozbekiston Өзбекстан Ауғанстан Түрік Түркия Киев Киевский Kiev"
    " Kyiv Мәскеу Московский Қазақстан".split(),
)
def test_a_beginning_finds_what_a_neighbour_calls_otherwise(word):
    word = fold_for_search(word)
    for length in range(3, len(word) + 1):
        assert word_keys(word).full.startswith(prefix_keys(word[:length])), word[:length]


@pytest.mark.parametrize(
    ("start", "word"), [("aug", "Ауғанстан"), ("res", "Ресей"), ("ау", "Афганистан")]
)
def test_a_beginning_finds_no_word_of_other_letters_that_only_looks_so(start, word):
    assert not word_keys(fold_for_search(word)).full.startswith(prefix_keys(start))


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Тока\u0301ев", "Токаев"),
        ("İzmir", "izmir"),
        ("İSTANBUL", "İstanbul"),
        ("e\u0301cole", "école"),
        ("مُحَمَّد", "محمد"),
        ("נִקּוּד", "נקוד"),
    ],
)
def test_marks_that_are_left_out_as_often_as_not_are_no_letters(written, typed):
    (one,), (other,) = tokenize(written), tokenize(typed)

    assert one == other


@pytest.mark.parametrize("word", ["दावा", "किताब", "বাংলা", "ภาษาไทย", "தமிழ்"])
def test_marks_without_which_a_word_is_another_are_part_of_it(word):
    assert tokenize(f"x {word} y") == ["x", word, "y"]
    assert tokenize(word[:1]) != tokenize(word)


@given(
    st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяёқңәі", max_size=14),
    st.text("abcdefghijklmnopqrstuvwxyz'é", max_size=14),
)
def test_stems_are_the_same_in_c_and_in_python(russian, english):
    """Or an index that one installation made would not fit another's words."""
    assert search_keys._RUSSIAN(russian) == RussianStemmer().stemWord(russian)
    assert search_keys._ENGLISH(english) == EnglishStemmer().stemWord(english)
