"""What a file says of one address is planned by rules, whatever its order and whenever it comes."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.imports.fact_checks.plan import (
    AddClaim,
    AddFinding,
    Finding,
    Record,
    Unchanged,
    guessed_dates,
    plan,
)

URL = "https://checkers.example/1"
DAYS = [f"2021-09-{number:02}" for number in range(1, 31)]


class Database:
    """The findings of one address as they are saved: with their dates and those of the imports."""

    def __init__(self):
        self.logs = defaultdict(list)

    def known(self):
        found = {}
        for ref, log in self.logs.items():
            dates = [(finding.reviewed_on, imported_on) for finding, imported_on in log]
            found[ref] = [
                finding._replace(is_date_guessed=is_guessed)
                for (finding, _imported_on), is_guessed in zip(
                    log, guessed_dates(dates), strict=True
                )
            ]
        return found

    def run(self, file, *, today, part=slice(None)):
        """Import the records of a file, or a part of them; return the actions."""
        actions = plan(URL, file, self.known(), today=today)[part]
        for action in actions:
            if not isinstance(action, Unchanged):
                self.logs[action.import_ref].append((action.finding, today))
        return actions

    def current(self, ref=URL):
        log = [finding for finding, _imported_on in self.logs[ref]]
        return max(enumerate(log), key=lambda entry: (entry[1].reviewed_on, entry[0]))[1]


def file_of(*versions):
    """Return records of (words, label, date), numbered in their order."""
    return [
        Record(number, f"ref of {words}", f"{words}: {label}", date)
        for number, (words, label, date) in enumerate(versions, 1)
    ]


def kinds(actions):
    return [type(action) for action in actions]


dates = st.sampled_from(["", *DAYS[:5]])
versions = st.tuples(st.sampled_from("ABC"), st.sampled_from("FTM"), dates)
files = st.lists(versions, min_size=1, max_size=7).map(lambda found: file_of(*found))
# Imports on increasing days, some of them on days that records are dated.
imports = st.lists(st.tuples(files, st.integers(0, 4)), min_size=1, max_size=5)


def run_all(database, imported):
    """Import files on increasing days; return the last day."""
    day = 3
    for file, later in imported:
        day += later
        database.run(file, today=DAYS[day])
    return day


@given(imports, st.integers(0, 4))
def test_the_same_file_again_changes_nothing_on_any_later_day(imported, later):
    database = Database()
    day = run_all(database, imported)

    again = database.run(imported[-1][0], today=DAYS[day + later])

    assert set(kinds(again)) == {Unchanged}


@given(imports)
def test_each_record_is_saved_as_a_finding_of_its_own_claim(imported):
    database = Database()
    run_all(database, imported)

    saved = {finding.content for log in database.logs.values() for finding, _day in log}
    assert {record.content for file, _later in imported for record in file} == saved


@given(imports)
def test_a_plan_has_one_action_for_each_record_in_their_order(imported):
    database = Database()
    for file, _later in imported:
        actions = database.run(file, today=DAYS[20])
        assert [action.record for action in actions] == file


@given(files)
def test_a_new_address_has_a_claim_for_each_of_its_words_and_the_first_words_its_own(file):
    database = Database()
    actions = database.run(file, today=DAYS[9])

    claims = [action for action in actions if isinstance(action, AddClaim)]
    assert [claim.record.claim_ref for claim in claims] == list(
        dict.fromkeys(record.claim_ref for record in file)
    )
    assert [claim.import_ref for claim in claims] == [
        URL,
        *(claim.record.claim_ref for claim in claims[1:]),
    ]


@given(imports, files, st.integers(0, 7))
def test_a_plan_that_is_cut_off_is_completed_by_the_next_one(imported, file, cut):
    at_once, in_two = Database(), Database()
    for database in (at_once, in_two):
        run_all(database, imported)

    at_once.run(file, today=DAYS[29])
    in_two.run(file, today=DAYS[29], part=slice(0, cut))
    in_two.run(file, today=DAYS[29], part=slice(cut, None))

    assert in_two.logs == at_once.logs


@given(st.permutations(DAYS[:5]), st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_newest_version_is_current_in_whatever_files_and_order_they_come(days, ends):
    database, file = Database(), []
    for day, is_end in zip(days, ends, strict=True):
        file.append(("A", f"verdict of {day}", day))
        if is_end:
            database.run(file_of(*file), today=DAYS[20])
            file = []
    if file:
        database.run(file_of(*file), today=DAYS[20])

    assert database.current().content == f"A: verdict of {max(days)}"


@given(imports, st.sampled_from("FTMX"), st.integers(0, 4))
def test_what_is_added_without_a_date_is_never_older_than_what_was_there(imported, label, later):
    database = Database()
    day = run_all(database, imported)
    # A publisher may be a day ahead.
    database.run(file_of(("A", "ahead", DAYS[day + 1])), today=DAYS[day])

    (action,) = database.run(file_of(("A", label, "")), today=DAYS[day + later])

    if not isinstance(action, Unchanged):
        assert action.finding is database.current(action.import_ref)


@given(imports)
def test_a_finding_never_moves_from_the_date_of_its_record_to_an_earlier_one(imported):
    database = Database()
    for file, _later in imported:
        for action in database.run(file, today=DAYS[9]):
            if not isinstance(action, Unchanged):
                assert action.finding.reviewed_on >= action.record.reviewed_on


CASES = [
    pytest.param([("A", "F", "")], [("A", "F", DAYS[2])], [Unchanged], id="a date learnt later"),
    pytest.param(
        [("A", "F", "")], [("A", "T", DAYS[2])], [AddFinding], id="another verdict after a guess"
    ),
    pytest.param(
        [("A", "F", DAYS[1]), ("A", "T", DAYS[2])],
        [("A", "F", DAYS[1])],
        [Unchanged],
        id="an older file brings nothing back",
    ),
    pytest.param(
        [("A", "F", DAYS[1]), ("A", "T", DAYS[1])],
        [("A", "F", DAYS[1])],
        [AddFinding],
        id="of one date, the file has the verdict of now",
    ),
    pytest.param(
        [("A", "F", DAYS[1]), ("A", "T", DAYS[1])],
        [("A", "T", DAYS[1]), ("A", "F", DAYS[1])],
        [Unchanged, Unchanged],
        id="both versions in another order",
    ),
    pytest.param(
        [("A", "F", DAYS[1]), ("A", "T", DAYS[1])],
        [("A", "F", DAYS[1]), ("A", "M", DAYS[1])],
        [Unchanged, AddFinding],
        id="an older version beside a new one",
    ),
    pytest.param(
        [("A", "F", DAYS[1]), ("A", "T", DAYS[1]), ("A", "M", DAYS[1])],
        [("A", "F", DAYS[1]), ("A", "T", DAYS[1])],
        [Unchanged, AddFinding],
        id="the last one of the older versions returns",
    ),
    pytest.param(
        [("A", "F", DAYS[1]), ("A", "T", DAYS[1])],
        [("A", "F", DAYS[1]), ("B", "T", DAYS[1])],
        [AddFinding, AddClaim],
        id="another claim of the address says nothing of this one's time",
    ),
    pytest.param([("A", "F", "")], [("B", "F", "")], [AddFinding], id="reworded"),
    pytest.param(
        [("A", "F", "")], [("B", "F", ""), ("A", "F", "")], [AddClaim, Unchanged], id="beside it"
    ),
    pytest.param(
        [("A", "F", "")],
        [("B", "F", ""), ("C", "F", "")],
        [AddFinding, AddClaim],
        id="the first new words are the old claim's",
    ),
]


@pytest.mark.parametrize(("before", "file", "expected"), CASES)
def test_a_second_file_is_planned_on_what_the_first_one_left(before, file, expected):
    database = Database()
    database.run(file_of(*before), today=DAYS[9])

    assert kinds(database.run(file_of(*file), today=DAYS[9])) == expected


def test_two_feeds_with_other_words_at_one_address_do_not_take_turns():
    database = Database()
    one, other = file_of(("A", "F", "")), file_of(("B", "T", ""))
    for file in (one, other):
        database.run(file, today=DAYS[9])

    for file in (one, other, one, other):
        assert kinds(database.run(file, today=DAYS[9])) == [Unchanged]


def test_what_follows_a_guessed_date_is_current_whatever_date_it_names():
    database = Database()
    database.run(file_of(("A", "F", "")), today=DAYS[9])

    database.run(file_of(("A", "T", DAYS[2])), today=DAYS[12])
    assert database.current().content == "A: T"
    database.run(file_of(("A", "M", DAYS[1])), today=DAYS[14])
    assert database.current().content == "A: M"
    assert database.current().reviewed_on == DAYS[9]


def test_a_claim_whose_address_has_lost_its_first_claim_is_found_by_its_words():
    database = Database()
    database.run(file_of(("A", "F", ""), ("B", "T", "")), today=DAYS[9])
    del database.logs[URL]

    (again,) = database.run(file_of(("B", "T", "")), today=DAYS[9])
    (first,) = database.run(file_of(("A", "F", "")), today=DAYS[9])

    assert again == Unchanged(again.record)
    assert (type(first), first.import_ref) == (AddClaim, URL)


def test_a_claim_without_findings_from_its_address_gets_one():
    database = Database()
    database.logs[URL] = []

    assert kinds(database.run(file_of(("A", "F", "")), today=DAYS[9])) == [AddFinding]


def test_a_guessed_date_stays_a_guess_for_what_was_raised_to_it():
    dates = [
        ("2021-09-10", "2021-09-10"),
        ("2021-09-10", "2021-09-15"),
        ("2021-09-12", "2021-09-15"),
    ]

    assert list(guessed_dates(dates)) == [True, True, False]


def test_records_of_one_claim_take_no_longer_each_when_there_are_many():
    many = file_of(*(("A", f"verdict {number}", "") for number in range(20_000)))
    known = {URL: [Finding(r.claim_ref, r.content, DAYS[1]) for r in many]}

    assert set(kinds(plan(URL, many, known, today=DAYS[9]))) == {Unchanged}
