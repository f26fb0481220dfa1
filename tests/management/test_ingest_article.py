"""`manage.py ingest_article`, as a shell runs it."""

import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from factcheck.models import Article, Citation, Claim, Outlet
from tests.article_page import PAGE
from tests.paths import ROOT

SAMPLE = ROOT / "fixtures" / "sample_article.txt"
# Where the analyst's article itself is at hand, it is tried as well.
ANALYSIS = ROOT.parent / "shared" / "data" / "article_kazakhstan_afghanistan_2021.txt"

PAIRS = [
    {"Twitter.com/TokayevKZ 2021-08-15"},
    {
        *("Twitter.com/TokayevKZ 2021-08-15", "Akorda.kz 2021-08-15"),
        *("Tengrinews.kz 2021-08-15", "Kazinform 2021-08-15"),
    },
    {
        *("Tengrinews.kz 2021-08-20", "Akorda.kz 2021-08-15", "Akorda.kz 2021-08-16"),
        *("Kursiv.kz 2021-08-16", "Kapital.kz 2021-08-16", "Radio Azattyq 2021-08-16"),
    },
    {
        *("Total.kz 2021-08-23", "Informburo.kz 2021-08-21"),
        *("Lsm.kz 2021-08-16", "Lsm.kz 2021-08-19"),
    },
    {
        *("TASS 2021-08-20", "Rossiyskaya Gazeta 2021-08-18"),
        *("Lenta 2021-07-09", "RBC 2021-07-09"),
    },
    {
        *("EADaily 2021-09-03", "Vlast.kz 2021-09-03"),
        *("Tengrinews.kz 2021-09-03", "Akorda.kz 2021-09-03"),
    },
    {"Informburo.kz 2018-09-10"},
]


def ingest(*arguments):
    out = io.StringIO()
    call_command("ingest_article", *map(str, arguments), stdout=out)
    return out.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        ingest(*arguments)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("path", [SAMPLE, ANALYSIS], ids=["sample", "analysis"])
def test_the_seven_groups_go_in_once(sample, path):
    if not path.exists():
        pytest.skip("the analyst's article is not at hand")
    text = path.read_text(encoding="utf-8")

    found = json.loads(ingest(path, "--published", "2021-09", "--json"))

    assert [
        {f"{citation['outlet']} {citation['date']}" for citation in group["citations"]}
        for group in found["groups"]
    ] == PAIRS
    assert [group["paragraph"] for group in found["groups"]] == [1, 1, 2, 3, 4, 5, 6]
    assert all(group["unparsed"] == [] for group in found["groups"])
    assert not any("2" in span["raw"] and ", " in span["raw"] for span in found["ignored"])
    for piece in [*found["groups"], *found["ignored"]]:
        assert text[piece["start"] : piece["end"]] == piece["raw"]
    by_paragraph = {1: {0, 1}, 2: {2}, 3: {3}, 4: {4}, 5: {5}, 6: {6}}
    for claim in found["claims"]:
        assert text[claim["start"] : claim["end"]] == claim["text"]
        (group,) = claim["groups"]
        assert group in by_paragraph[claim["paragraph"]]
        assert found["groups"][group]["start"] >= claim["end"]
    resolved = {
        citation["resolved"] for group in found["groups"] for citation in group["citations"]
    }
    assert len(resolved) == 16
    assert None not in resolved
    assert found["created"]["claims"] == len(found["claims"])

    rows = (Article.objects.count(), Claim.objects.count(), Citation.objects.count())
    again = json.loads(ingest(path, "--published", "2021-09", "--json"))
    assert set(again["created"].values()) == {0}
    assert rows == (Article.objects.count(), Claim.objects.count(), Citation.objects.count())


def test_the_json_has_the_shape_that_others_rely_on(sample, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "\ufeffIt grew (SCO). So it is (Fresh.kz, https://fresh.kz/a, May 3–4; see TASS, May 40).",
        encoding="utf-8",
    )

    found = json.loads(ingest(path, "--title", "Growth", "--author", "A. B.", "--json"))

    assert found == {
        "title": "Growth",
        "author": "A. B.",
        "published": None,
        "paragraphs": 1,
        "groups": [
            {
                "raw": "(Fresh.kz, https://fresh.kz/a, May 3–4; see TASS, May 40)",
                "start": 24,
                "end": 81,
                "paragraph": 1,
                "citations": [
                    {
                        "outlet": "Fresh.kz",
                        "date": "--05-03",
                        "date_end": "--05-04",
                        "url": "https://fresh.kz/a",
                        "note": "",
                        "resolved": "fresh-kz",
                    },
                    {
                        "outlet": "TASS",
                        "date": None,
                        "url": None,
                        "note": "see",
                        "resolved": "tass",
                    },
                ],
                "unparsed": ["May 40"],
            }
        ],
        "ignored": [{"raw": "(SCO)", "start": 8, "end": 13}],
        "claims": [
            {"text": "It grew (SCO).", "paragraph": 1, "start": 0, "end": 14, "groups": [0]},
            {"text": "So it is", "paragraph": 1, "start": 15, "end": 23, "groups": [0]},
        ],
        "created": {"articles": 1, "claims": 2, "citations": 4, "outlets": 1},
    }


def test_the_table_tells_what_was_read_and_done(sample):
    said = ingest(SAMPLE, "--publisher", "tengrinews")

    assert "Kazakhstan Keeps Its Distance From Kabul · the Factcheck editors · 2021-09" in said
    assert "6 paragraphs, 17 statements, 7 groups, 24 citations, 16 outlets" in said
    assert "3      Akorda.kz              2021-08-16  akorda" in said
    assert "claims        17 new" in said
    assert Article.objects.get(author="the Factcheck editors").publisher.slug == "tengrinews"
    assert "claims         0 new      0 updated     17 as they were" in ingest(SAMPLE)


def test_doubts_are_told_with_their_place(sample, tmp_path):
    path = tmp_path / "trade_report.txt"
    path.write_text(
        "It grew (TASS, May 3, 2022; , May 4; RBC; Stat.kz, accessed May 6). So (Lenta, May 5",
        encoding="utf-8",
    )

    said = ingest(path, "--published", "2021-09", "--dry-run")

    assert said.startswith("trade report · 2021-09\n")
    assert "at 9: dated after the article: TASS, May 3, 2022" in said
    assert "at 28: the outlet's name is lost: , May 4" in said
    assert "at 37: its date is not known: RBC" in said
    assert "at 42: the day it was read, not published: Stat.kz, accessed May 6" in said
    assert "at 71: the parenthesis is never closed" in said
    assert said.endswith("Dry run: nothing was saved.\n")
    assert not Outlet.objects.filter(name="RBC", is_confirmed=False).exists()


def test_a_page_brings_its_own_title_day_and_links(sample, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")

    ingest(path)

    article = Article.objects.get(title="Kazakhstan Waits")
    assert (article.author, str(article.published_on)) == ("The Monitor", "2021-09-10")
    assert article.url == "https://monitor.example/a/1"
    assert Citation.objects.filter(url="https://akorda.kz/16", date_text="2021-08-16").exists()


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (None, [], "missing.txt: this file cannot be read (No such file or directory)."),
        (b"PK\x03\x04\x00\x00", [], "This is a binary file, not text."),
        ("Так".encode("cp1251"), [], "Byte 1: This is not UTF-8 text."),
        (b" \n", [], "The file is empty."),
        (b"<html><body></body></html>", [], "No article was found in the page"),
        (b"It is (TASS, May 3).", ["--published", "May"], "--published: “May” is not a date."),
        (b"It is (TASS, May 3).", ["--published", "2021-02-30"], "--published: “2021-02-30” is"),
        (b"It is (TASS, May 3).", ["--published", "٢٠٢١-٠٩-١٠"], "--published: “٢٠٢١-٠٩-١٠” is"),
        (b"It is (TASS, May 3).", ["--title", "\udcff"], "title: not UTF-8 text (character 0)"),
        (b"It is (TASS, May 3).", ["--publisher", "nobody"], "no outlet with the slug “nobody”"),
        (b"It is (TASS, May 3).", ["--language", "English!"], "--language: Write a language"),
        (b"x" * 10_000_001, [], "larger than 10,000,000 bytes"),
        (b"A b.\n" * 33_000, [], "more than 32,767 paragraphs"),
    ],
    ids=[
        *("missing", "binary", "encoding", "empty", "page", "date", "day", "digits", "title"),
        *("publisher", "language", "long", "paragraphs"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_line_and_nothing_is_written(
    db, tmp_path, content, options, said
):
    path = tmp_path / "missing.txt"
    if content is not None:
        path.write_bytes(content)

    assert said in refusal(path, *options)
    assert not Article.objects.exists()
    assert not Outlet.objects.exists()


def shell(*arguments, given="", database, **more):
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}", "PYTHONUTF8": "1", **more}
    return subprocess.run(
        [sys.executable, "manage.py", "ingest_article", *arguments],
        cwd=ROOT, input=given, capture_output=True, text=True, env=environment, check=False,
        encoding="utf-8",
    )  # fmt: skip


def test_a_dry_run_needs_no_database_and_makes_none(tmp_path):
    database = tmp_path / "none.sqlite3"

    ran = shell("-", "--dry-run", "--json", given="It grew (ТАСС, 3 мая).", database=database)

    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert found["groups"][0]["citations"][0] == {
        "outlet": "ТАСС", "date": "--05-03", "url": None, "note": "", "resolved": None,
    }  # fmt: skip
    assert not database.exists()


def test_errors_go_to_standard_error_with_exit_2(tmp_path):
    database = tmp_path / "empty.sqlite3"
    for arguments, said in (
        (["/nowhere.txt"], "cannot be read"),
        (["-", "--published", "soon"], "not a date"),
    ):
        ran = shell(*arguments, given="It grew (TASS, May 3).", database=database)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert said in ran.stderr
        assert ran.stderr.count("\n") == 1
    sqlite3.connect(database).execute("CREATE TABLE own (id)").connection.close()
    ran = shell("-", given="It grew (TASS, May 3).", database=database)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Nothing was saved. Run “python manage.py migrate”" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_terminal_of_few_letters_still_gets_its_answer(tmp_path):
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for arguments in (["-", "--dry-run"], ["-", "--dry-run", "--json"]):
        ran = shell(
            *arguments,
            given="It grew (ТАСС, 3 мая).",
            database=tmp_path / "none.sqlite3",
            **environment,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "\\u0422" in ran.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_an_answer_that_cannot_be_printed_is_one_line(tmp_path, flags):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "manage.py", "ingest_article", str(SAMPLE), "--dry-run", *flags],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"},
        )

    assert done.returncode == 2
    assert done.stderr == "CommandError: The answer cannot be printed (nothing was saved).\n"
