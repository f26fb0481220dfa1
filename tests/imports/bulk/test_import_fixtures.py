"""`import_fixtures` leaves the rows that `loaddata` leaves, and says where a file is wrong."""

import gzip
import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import QueryDict

from factcheck import audit, search
from factcheck.filters import ClaimFilter
from factcheck.imports.bulk.fixture_loader import FixtureLoader
from factcheck.imports.bulk.fixture_reader import read_fixture
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import FileError
from factcheck.models import (
    Article,
    Change,
    Citation,
    Claim,
    Claimant,
    ImportProgress,
    Outlet,
    Owner,
    SearchPending,
    Topic,
)
from tests import factories, sql_facets
from tests.benchmarks.generator import World
from tests.conftest import FIXTURES
from tests.contents import MODELS, contents

pytestmark = pytest.mark.django_db


def by_loaddata(*files):
    with transaction.atomic():
        call_command("loaddata", *files, verbosity=0)
        found = contents()
        transaction.set_rollback(True)
    return found


def run(*files, **options):
    call_command("import_fixtures", *map(str, files), **options)


def fixture(path, *rows):
    """Write a fixture of (model, fields) or (model, pk, fields)."""
    objects = [
        {"model": f"factcheck.{row[0]}", "fields": row[-1]}
        | ({"pk": row[1]} if len(row) > 2 else {})
        for row in rows
    ]
    path.write_text(json.dumps(objects, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def test_the_sample_is_what_loaddata_makes_of_it(capsys):
    expected = by_loaddata(*FIXTURES)

    run(*FIXTURES)

    assert contents() == expected
    assert list(audit.differences()) == []
    assert list(audit.faults()) == []
    assert not SearchPending.objects.exists()
    assert not ImportProgress.objects.exists()
    assert "305 objects in" in capsys.readouterr().out


@pytest.mark.parametrize("natural", [True, False], ids=["natural keys", "integer keys"])
@pytest.mark.parametrize("ending", ["jsonl", "json", "json.gz"])
def test_a_generated_world_is_what_loaddata_makes_of_it(tmp_path, natural, ending):
    path = tmp_path / "world.jsonl"
    World(60).write(path, natural=natural)
    expected = by_loaddata(path)
    if ending != "jsonl":
        objects = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        path = tmp_path / f"world.{ending}"
        text = json.dumps(objects, ensure_ascii=False, indent=2).encode()
        path.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)

    run(path)

    assert contents() == expected
    assert list(audit.differences()) == []
    # What comes next does not meet an id of the file's.
    factories.create_citation(factories.create_claim(slug="new"), factories.create_outlet(slug="o"))


def test_small_chunks_beside_editors_leave_the_same(tmp_path):
    path = tmp_path / "world.jsonl"
    World(40).write(path)
    expected = by_loaddata(path)
    factories.create_claim(slug="an-editors-own")
    search.drain()
    loader = FixtureLoader()

    for _done in loader.chunks(path, lambda: 7):
        assert list(audit.differences()) == []
        assert not SearchPending.objects.exists()
    loader.finish()

    found = contents()
    del found[Claim, ("an-editors-own",)]
    assert found == expected


def test_facets_and_search_know_of_each_chunk(tmp_path):
    path = tmp_path / "world.jsonl"
    World(40).write(path)
    loader = FixtureLoader()

    for _done in loader.chunks(path, lambda: 50):
        for query in ("", "q=astana*", "control=state", "topic=topic-1", "status=true"):
            if query.startswith("topic") and not Topic.objects.exists():
                continue
            chosen = ClaimFilter(QueryDict(query))
            expected = sql_facets.select(chosen.selection)
            assert chosen.result.total == expected.total
            assert chosen.result.counts() == expected.counts()


def test_a_second_time_nothing_changes(capsys):
    run(*FIXTURES)
    before = contents()
    past = [model.history.count() for model in MODELS if hasattr(model, "history")]
    version = Change.objects.count()

    run(*FIXTURES)

    assert contents() == before
    assert [model.history.count() for model in MODELS if hasattr(model, "history")] == past
    assert Change.objects.count() == version
    assert "0 new         0 changed        40 as they were" in capsys.readouterr().out


def test_each_new_row_begins_its_history():
    run(*FIXTURES)

    for model in (Owner, Claimant, Outlet, Topic, Article, Claim, Citation):
        assert set(model.history.values_list("history_type", flat=True)) == {"+"}
        assert model.history.count() == model.objects.count()
    claim = Claim.objects.filter(topics__slug="trade").first()
    past = claim.history.get()
    assert past.history_change_reason == "imported from a fixture"
    assert {link.topic.slug for link in past.topics.all()} == set(
        claim.topics.values_list("slug", flat=True)
    )


def test_a_changed_row_is_written_over_and_all_that_rests_on_it_is_right(tmp_path):
    run(*FIXTURES)
    tass = Outlet.objects.get(slug="tass")
    owner = {"slug": "new-owner", "name": "New Owner"}
    fields = {"slug": "tass", "name": "TASS agency", "control": "state", "owner": ["new-owner"]}
    claim = Claim.objects.filter(citations__outlet=tass).first()
    changed = {
        "slug": claim.slug,
        "text": "Herat fell",
        "stage": "published",
        "topics": [["trade"]],
    }
    changed |= {"published_at": "2026-01-01T00:00:00Z"}

    run(fixture(tmp_path / "x.json", ("owner", owner), ("outlet", fields), ("claim", changed)))

    tass.refresh_from_db()
    assert (tass.name, tass.owner.slug, tass.country) == ("TASS agency", "new-owner", "")
    assert [past.history_type for past in tass.history.all()] == ["~", "+"]
    assert list(audit.differences()) == []
    assert set(claim.topics.values_list("slug", flat=True)) == {"trade"}
    found = Claim.objects.filter(search.search_q(search.parse("herat tass")))
    assert [one.slug for one in found] == [claim.slug]


def test_what_comes_later_in_the_file_may_be_referred_to(tmp_path):
    path = fixture(
        tmp_path / "x.json",
        ("outlet", {"slug": "site", "name": "Site", "speaks_for": ["someone"]}),
        ("outlet", 77, {"slug": "other", "name": "Other", "owner": 88}),
        ("claimant", {"slug": "someone", "name": "Someone"}),
        ("owner", 88, {"slug": "owner", "name": "Owner"}),
    )
    run(path)

    assert Outlet.objects.get(slug="site").speaks_for.slug == "someone"
    assert Outlet.objects.get(pk=77).owner.slug == "owner"


def test_what_came_later_is_not_forgotten_by_a_load_that_was_cut_off(tmp_path):
    topics = [("topic", {"slug": f"t{n}"}) for n in range(20)]
    path = fixture(
        tmp_path / "x.json",
        ("outlet", {"slug": "a", "name": "A", "merged_into": ["b"]}),
        *topics,
        ("outlet", {"slug": "b", "name": "B"}),
    )
    chunks = FixtureLoader().chunks(path, lambda: 5)
    next(chunks)
    chunks.close()

    run(path)

    assert Outlet.objects.get(slug="a").merged_into.slug == "b"


def test_a_row_by_its_id_and_again_by_its_key_is_one(tmp_path):
    run(
        fixture(
            tmp_path / "x.json",
            ("topic", 7, {"slug": "a", "name": "First"}),
            ("topic", {"slug": "a", "name": "Second"}),
        )
    )

    assert Topic.objects.get().name == "Second"
    assert Topic.objects.get().pk == 7


def test_editors_may_add_rows_after_each_chunk_with_ids_of_its_own(tmp_path):
    rows = [("topic", 100 + n, {"slug": f"t{n}"}) for n in range(6)]
    chunks = FixtureLoader().chunks(fixture(tmp_path / "x.json", *rows), lambda: 3)

    for done in chunks:
        assert Topic.objects.create(name=f"An editor's {done}").pk > 100 + done - 1
        Topic.objects.filter(name__startswith="An editor").delete()


def test_a_file_that_was_mended_is_read_again(tmp_path):
    path = tmp_path / "x.jsonl"
    line = '{"model": "factcheck.topic", "fields": {"slug": "t%d", "name": "%s"}}'
    path.write_text("\n".join(line % (n, "Old") for n in range(3)) + "\n{", encoding="utf-8")
    chunks = FixtureLoader().chunks(path, lambda: 3)
    next(chunks)
    chunks.close()
    path.write_text("\n".join(line % (n, "New") for n in range(3)), encoding="utf-8")

    run(path)

    assert set(Topic.objects.values_list("name", flat=True)) == {"New"}


def test_what_is_no_table_of_ours_goes_through_django(tmp_path):
    path = tmp_path / "x.json"
    user = {"model": "auth.user", "fields": {"username": "desk", "password": "!", "groups": []}}
    claim = {"slug": "c", "text": "C", "created_by": ["desk"]}
    derived = {"model": "factcheck.searchdocument", "pk": 1, "fields": {}}
    rows = [user, {"model": "factcheck.claim", "fields": claim}, derived]
    path.write_text(json.dumps(rows), encoding="utf-8")

    run(path)

    assert Claim.objects.get().created_by == User.objects.get(username="desk")


CLAIM = {"slug": "c", "text": "C"}
BAD = {
    "an unknown model": ([("clain", CLAIM)], "Line 2: factcheck.clain: There is no such model."),
    "an unknown field": (
        [("claim", CLAIM | {"txt": 1})],
        "Line 2: factcheck.claim: txt: There is no such field.",
    ),
    "a bad day": ([("claim", CLAIM | {"claimed_on": "2021-02-30"})], "claimed_on: “2021-02-30”"),
    "no day": ([("claim", CLAIM | {"claimed_on": "soon"})], "claimed_on: “soon” value has an"),
    "a bad number": ([("claim", CLAIM | {"paragraph": "x"})], "paragraph: “x” value must be"),
    "a huge number": ([("claim", CLAIM | {"paragraph": 10**30})], "Line 2: factcheck.claim: "),
    "a bad choice": ([("claim", CLAIM | {"stage": "x"})], "stage: Value 'x' is not a valid choice"),
    "nothing": ([("claim", CLAIM | {"text": None})], "text: This field cannot be null"),
    "an empty slug": ([("claim", CLAIM | {"slug": ""})], "Line 2: factcheck.claim: "),
    "the same slug": (
        [("claim", 1, CLAIM), ("claim", 2, CLAIM)],
        "factcheck.claim: slug: Claim with this Slug already exists.",
    ),
    "a missing claim": ([("citation", {"claim": ["x"], "outlet": ["y"]})], "claim: There is no"),
    "a missing outlet": (
        [("claim", CLAIM), ("citation", {"claim": ["c"], "outlet": [["deep"]]})],
        "outlet: There is no",
    ),
    "a missing topic": ([("claim", CLAIM | {"topics": [["x"]]})], "topics: There is no ['x'] yet."),
    "a missing owner": (
        [("outlet", {"slug": "o", "owner": ["x"]})],
        "owner: There is no owner ['x'], neither in",
    ),
    "a day that is none": (
        [
            ("claim", CLAIM),
            ("outlet", {"slug": "o", "name": "O"}),
            ("citation", {"claim": ["c"], "outlet": ["o"], "date_text": "2021-08-20"}),
        ],
        "factcheck.citation:",
    ),
    "half a pair": (
        [("claim", CLAIM | {"text": "\ud800"})],
        "Line 2: The text holds half of a surrogate pair",
    ),
    "half a pair in a key": (
        [("claim", CLAIM | {"claimant": ["\ud800"]})],
        "half of a surrogate pair",
    ),
    "no list of topics": ([("claim", CLAIM | {"topics": 5})], "topics: A list is expected."),
    "no topics": ([("claim", CLAIM | {"topics": None})], "topics: A list is expected."),
    "a huge id": ([("claim", 10**25, CLAIM)], "pk: 10000000000000000000000000 is not between"),
    "an id below one": ([("claim", -5, CLAIM)], "pk: -5 is not between 1 and 4294967295."),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("rows", "said"), BAD.values(), ids=BAD)
def test_a_bad_object_is_named_and_nothing_of_its_chunk_is_kept(tmp_path, rows, said):
    path = tmp_path / "x.json"
    objects = [
        {"model": f"factcheck.{row[0]}", "fields": row[-1]}
        | ({"pk": row[1]} if len(row) > 2 else {})
        for row in rows
    ]
    path.write_text("[\n" + ",\n".join(map(json.dumps, objects)) + "]", encoding="utf-8")

    with pytest.raises(CommandError) as error:
        run(path)

    assert str(path) in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.returncode == 2
    assert Claim.objects.count() == 0
    assert Citation.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", b"", "Line 1: The file ends in the middle of its list."),
        ("x.json", b'[{"model": "x"}', "Line 1: The file ends in the middle of its list."),
        ("x.json", b'[\n\n{"model" 1}]', "Line 3: The JSON is not valid here."),
        ("x.json", b'{"model": "x"}', "Line 1: The file must begin with a list."),
        (
            "x.json",
            b'[{"model": "x"} {"model": "y"}]',
            "Line 1: The JSON is not valid here: a comma",
        ),
        ("x.json", b'[{"model": "x"},, {"model": "y"}]', "Line 1: The JSON is not valid here."),
        ("x.json", b'[{"model": "x"},]', "Line 1: The JSON is not valid here."),
        ("x.json", b'[{"model": "x"}]\n more', "Line 2: There is more text"),
        ("x.json", b"[1]", "Line 1: This object has no “model”. Add it."),
        ("x.json", b"[" * 100_000, "Line 1: The JSON is nested too deeply."),
        ("x.json", b"[" + b"9" * 5_000 + b"]", "Line 1: A number has too many digits."),
        ("x.json", b"\xff", "This is not UTF-8 text."),
        ("x.jsonl", b'{"model": "factcheck.topic"}\n{', "Line 2: This line is not valid"),
        ("x.json.gz", b"no gzip", "The compressed file is damaged or cut off."),
        ("x.json.gz", gzip.compress(b"[]" * 99, mtime=0)[:-9], "The compressed file is damaged"),
        (
            "x.json.gz",
            b"%s\0\xff\xff" % gzip.compress(b"", mtime=0)[:10],
            "The compressed file is damaged",
        ),
        ("x.yaml", b"", "This command reads .json and .jsonl files"),
    ],
)
def test_a_file_that_is_none_is_named_with_its_line(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(FileError) as error:
        list(read_fixture(path))

    assert describe(error.value).startswith(f"{path}: ")
    assert said in describe(error.value)


def test_an_object_that_reaches_over_blocks_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("factcheck.imports.json_stream._BLOCK", 3)
    rows = [("topic", 12, {"slug": "a", "name": 'x"]},{'}), ("topic", 345, {"slug": "ж"})]

    found = list(read_fixture(fixture(tmp_path / "x.json", *rows)))

    assert [(one.model, one.pk, one.fields) for one in found] == [
        (f"factcheck.{name}", pk, fields) for name, pk, fields in rows
    ]
    assert [one.line for one in found] == [2, 10]


def test_a_dry_run_checks_everything_and_keeps_nothing(tmp_path, capsys):
    run(*FIXTURES, dry_run=True)
    assert "Dry run: nothing was saved." in capsys.readouterr().out
    assert not Claim.objects.exists()
    assert not ImportProgress.objects.exists()

    with pytest.raises(CommandError, match="topics: There is no"):
        run(fixture(tmp_path / "x.json", ("claim", CLAIM | {"topics": [["x"]]})), dry_run=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"pause": "x"}, "--pause"), ({"pause": "-1"}, "--pause"), ({"pause": "nan"}, "--pause")],
)
def test_a_bad_option_is_named(options, said):
    with pytest.raises(CommandError, match=said):
        run("outlets", **options)
    with pytest.raises(CommandError, match="this file cannot be read"):
        run("nowhere.json")


def test_a_load_that_was_cut_off_goes_on_after_its_last_chunk(tmp_path, capsys):
    path = tmp_path / "world.jsonl"
    total = World(40).write(path)
    expected = by_loaddata(path)
    chunks = FixtureLoader(is_exclusive=True).chunks(path, lambda: 100)
    assert [next(chunks), next(chunks)] == [100, 200]
    chunks.close()
    assert ImportProgress.objects.get().objects_done == 200

    run(path)

    assert contents() == expected
    assert "200 objects had been saved before" in capsys.readouterr().out
    assert not ImportProgress.objects.exists()
    assert total > 300


@pytest.mark.sqlite
def test_after_a_load_the_planner_looks_claims_up_by_their_ids(tmp_path, monkeypatch):
    """It would take a published claim for rare, and read them all to find a page's."""
    monkeypatch.setattr("factcheck.db.planner.ANALYZE_THRESHOLD", 20)
    World(400).write(tmp_path / "world.jsonl")
    wanted = Claim.objects.published().filter(pk__in=list(range(1, 31))).order_by()
    assert "INDEX" in wanted.explain()

    run(tmp_path / "world.jsonl")

    assert "INTEGER PRIMARY KEY" in wanted.explain()


@pytest.mark.sqlite
def test_a_migration_tells_the_planner_of_what_grew_row_by_row(monkeypatch):
    ids = [factories.create_claim().pk for _ in range(400)]
    wanted = Claim.objects.published().filter(pk__in=ids[:30]).order_by()
    call_command("migrate", verbosity=0)
    assert "INDEX" in wanted.explain()

    monkeypatch.setattr("factcheck.db.planner.ANALYZE_THRESHOLD", 20)
    call_command("migrate", verbosity=0)

    assert "INTEGER PRIMARY KEY" in wanted.explain()
