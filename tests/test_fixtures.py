"""The sample article, as the fixtures tell it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from factcheck import audit, public_record, search, triggers
from factcheck.models import Article, Citation, Claim, Outlet, Verification
from factcheck.queries.independence import owner_groups
from factcheck.text.name_keys import name_key
from factcheck.triggers.declarations import COLUMNS
from tests.paths import ROOT

# Outlet and day of every citation in the article's seven groups, group by group.
GROUPS = [
    ["twitter-tokayevkz 08-15"],
    ["twitter-tokayevkz 08-15", "akorda 08-15", "tengrinews 08-15", "kazinform 08-15"],
    ["tengrinews 08-20", "akorda 08-15", "akorda 08-16", "kursiv 08-16", "kapital 08-16",
     "radio-azattyq 08-16"],
    ["total-kz 08-23", "informburo 08-21", "lsm 08-16", "lsm 08-19"],
    ["tass 08-20", "rossiyskaya-gazeta 08-18", "lenta 07-09", "rbc 07-09"],
    ["eadaily 09-03", "vlast 09-03", "tengrinews 09-03", "akorda 09-03"],
    ["informburo 2018-09-10"],
]  # fmt: skip
PAIRS = [
    [(slug, day if len(day) == 10 else f"2021-{day}") for slug, day in map(str.split, group)]
    for group in GROUPS
]


def cited(claim):
    return [(citation.outlet.slug, citation.date_text) for citation in claim.citations.all()]


def test_every_pair_of_the_article_is_there(sample):
    found = set(Citation.objects.values_list("outlet__slug", "date_text"))

    assert sum(map(len, PAIRS)) == 24
    assert found == {pair for group in PAIRS for pair in group}
    assert len(found) == 22


def test_each_claim_has_all_citations_of_one_group(sample):
    claims = Claim.objects.all()

    assert 28 <= len(claims) <= 40
    assert all(cited(claim) in PAIRS for claim in claims)
    assert {tuple(cited(claim)) for claim in claims} == set(map(tuple, PAIRS))


def test_the_sixteen_outlets_and_their_owner_groups(sample):
    owners = {outlet.slug: outlet.owner.slug for outlet in Outlet.objects.exclude(owner=None)}

    assert Outlet.objects.count() == 16
    assert owners == {
        "twitter-tokayevkz": "state-of-kazakhstan",
        "akorda": "state-of-kazakhstan",
        "kazinform": "state-of-kazakhstan",
        "tass": "state-of-russia",
        "rossiyskaya-gazeta": "state-of-russia",
        "radio-azattyq": "rfe-rl",
    }
    assert Outlet.objects.get(slug="radio-azattyq").control == "public"
    assert set(Outlet.objects.filter(owner=None).values_list("control", flat=True)) == {"unknown"}


@pytest.mark.parametrize(
    ("printed", "slug"),
    [
        ("Tengrinews", "tengrinews"),
        ("Tengrinews.kz", "tengrinews"),
        ("тенгриньюс", "tengrinews"),
        ("https://tengrinews.kz/x/", "tengrinews"),
        ("https://www.tengrinews.kz/kazakhstan_news/1/?a=b#c", "tengrinews"),
        ("ТАСС", "tass"),
        ("«Российская газета»", "rossiyskaya-gazeta"),
        ("https://twitter.com/TokayevKZ/status/1", "twitter-tokayevkz"),
        ("@TokayevKZ", "twitter-tokayevkz"),
        ("https://rus.azattyq.org/a/1.html", "radio-azattyq"),
        ("https://twitter.com/someone", None),
        ("Nowhere Times", None),
        ("", None),
        ("http://[", None),
    ],
)
def test_an_outlet_is_found_by_any_of_its_names(sample, printed, slug):
    found = Outlet.objects.resolve(printed)

    assert (found.slug if found else None) == slug


def test_every_outlet_is_found_by_its_own_names(sample):
    for outlet in Outlet.objects.all():
        for name in filter(None, (outlet.name, outlet.native_name, outlet.domain)):
            assert Outlet.objects.resolve(name) == outlet, name


def test_verdicts_stand_only_where_a_record_decides(sample):
    verdicts = {
        entry.claim.slug: (entry.status, list(entry.evidence.values_list("url", flat=True)))
        for entry in Verification.objects.all()
    }

    assert {slug: status for slug, (status, _urls) in verdicts.items()} == {
        "unama-founded-in-march-2002": "true",
        "no-border-with-afghanistan": "true",
        "capital-named-nur-sultan-2019": "true",
        "csto-members-must-help": "mostly_true",
        "tajikistan-shares-dari": "mostly_true",
        "plan-to-admit-2000-refugees": "disputed",
    }
    for entry in Verification.objects.all():
        assert entry.reason
        assert entry.evidence.exists() or "No evidence needed:" in entry.reason
    others = Claim.objects.exclude(slug__in=verdicts)
    assert set(others.values_list("status", flat=True)) == {"unverified"}


def test_the_rumour_has_no_claimant_and_only_disputing_reports(sample):
    rumour = Claim.objects.get(slug="plan-to-admit-2000-refugees")

    assert rumour.claimant is None
    assert set(rumour.citations.values_list("stance", flat=True)) == {"disputes"}
    assert rumour.independent_count == 0


def test_the_first_paragraphs_claims_are_supported_by_two_owner_groups(sample):
    found = [claim for claim in Claim.objects.filter(paragraph=1) if cited(claim) == PAIRS[1]]

    assert found
    for claim in found:
        assert (claim.citation_count, claim.outlet_count, claim.independent_count) == (4, 4, 2)
        groups = owner_groups(claim.citations.with_outlet())
        assert [(group.name, len(group.outlets)) for group in groups] == [
            ("State of Kazakhstan", 3),
            ("Tengrinews.kz", 1),
        ]


def test_the_article_is_described_and_not_copied(sample):
    article = Article.objects.get()

    assert article.title.startswith("[")
    assert article.title.endswith("]")
    assert (article.author, article.published_text) == ("George Voloshin", "2021-09")
    assert article.published_on is None
    assert article.text == ""
    assert not Claim.objects.exclude(source_text="").exists()


def test_fixtures_use_no_integer_keys_and_folded_alias_keys():
    for path in (ROOT / "fixtures").glob("[!s]*.json"):  # no samples of other formats
        for row in json.loads(path.read_text(encoding="utf-8")):
            assert "pk" not in row
            if row["model"] == "factcheck.outletalias":
                assert row["fields"]["key"] == name_key(row["fields"]["name"])


def test_no_report_supports_what_happened_after_it(sample):
    call = Claim.objects.get(slug="kazakh-russian-ministers-call-18-august")

    stances = {citation.outlet.slug: citation.stance for citation in call.citations.all()}

    assert stances == {
        "tass": "supports",
        "rossiyskaya-gazeta": "supports",
        "lenta": "mentions",
        "rbc": "mentions",
    }


# Histories name rows by number: the numbers begin at 1 before the dump as they do after it.
@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize(
    ("command", "natural"), [("loaddata", False), ("loaddata", True), ("import_fixtures", True)]
)
def test_what_dumpdata_writes_is_read_into_an_empty_database(loaded, tmp_path, command, natural):
    def said():
        return list(Claim.objects.order_by("slug").values_list("slug", *COLUMNS))

    public_record.begin_missing()
    before, path = said(), dumped(tmp_path, natural=natural)

    call_command(command, path, verbosity=0)
    if natural:
        call_command("log_checkpoint", stdout=StringIO(), stderr=StringIO())

    assert said() == before != []
    assert [str(found) for found in (*audit.faults(), *audit.differences())] == []
    assert search.search_ids(search.parse("kabul"))


@pytest.mark.django_db(transaction=True)
def test_rows_that_come_before_those_they_need_are_refused_with_what_to_do(sample, tmp_path):
    path = dumped(tmp_path, natural=False)

    with pytest.raises(CommandError, match=r"There is no \d+ yet.*dumpdata --natural"):
        call_command("import_fixtures", path, verbosity=0)


def dumped(folder, *, natural):
    """Return a file of all rows, which are there no more."""
    path = folder / "all.json"
    options = dict.fromkeys(("use_natural_foreign_keys", "use_natural_primary_keys"), natural)
    # Rows that are known by natural keys have other numbers there: a log of its own begins.
    left_out = ["factcheck.checkpoint"] if natural else []
    call_command("dumpdata", "factcheck", output=str(path), exclude=left_out, **options)
    rows = json.loads(path.read_text())
    for row in rows:
        # Its outlet makes it, too, with the next number.
        if row["model"] == "factcheck.outletalias" and not natural:
            row["pk"] += 30
    path.write_text(json.dumps(rows))
    triggers.remove()  # the log lets nothing go; they are back after it
    call_command("flush", interactive=False, verbosity=0)
    return str(path)
