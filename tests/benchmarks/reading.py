"""Pages, facets and search in this process, against the naive way and against the raw driver."""

from collections.abc import Iterator
from html import escape
from math import exp, log
from statistics import mean

from django.db import connection
from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.http import QueryDict
from django.test import RequestFactory
from pyroaring import BitMap

from factcheck import facets, search
from factcheck.filters import ClaimFilter
from factcheck.models import Claim
from factcheck.queries import pagination
from factcheck.views import claims
from tests import sql_facets
from tests.benchmarks.timing import Line, compare

SELECTIONS = (
    *("status=false", "year=2015", "outlet=outlet-0", "topic=topic-1", "control=state"),
    *("country=KZ&stance=disputes", "outlet=outlet-3&topic=topic-0&status=true"),
    *("basis=state_only", "language=ru&independent_min=2", "claimant=claimant-7"),
)


def page(query: str = "page_size=50") -> bytes:
    request = RequestFactory().get(f"/claims/?{query}")
    response = claims.claim_list(request)
    return response.render().content


def naive_page() -> str:
    """The list as a tutorial would write it: rows with their outlets, and facets by COUNT."""
    published = Claim.objects.filter(stage="published")
    rows = [
        (
            claim.text,
            claim.claimant.name if claim.claimant else "",
            claim.get_status_display(),
            [citation.outlet.name for citation in claim.citations.all()],
        )
        for claim in published.order_by("-claimed_on")[:50]
    ]
    panel = [
        list(published.values("status").annotate(n=Count("id", distinct=True)).order_by()),
        list(
            published.values("citations__outlet__name")
            .annotate(n=Count("id", distinct=True))
            .order_by("-n")[:20]
        ),
        list(published.annotate(y=ExtractYear("claimed_on")).values("y").annotate(n=Count("id"))),
        list(published.values("topics__name").annotate(n=Count("id", distinct=True)).order_by()),
    ]
    return f"{published.count()} {rows} {panel}"


def raw_page() -> str:
    """The rows alone, by the driver and an f-string: nothing can be faster."""
    names = "group_concat(o.name)" if connection.vendor == "sqlite" else "string_agg(o.name, ',')"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.slug, c.text, c.status, c.claimed_on, m.name,"
            f" (SELECT {names}"
            " FROM factcheck_citation t JOIN factcheck_outlet o ON o.id = t.outlet_id"
            " WHERE t.claim_id = c.id) FROM factcheck_claim c LEFT JOIN factcheck_claimant m"
            " ON m.id = c.claimant_id WHERE c.stage = 'published'"
            " ORDER BY c.newest_day DESC, c.id DESC LIMIT 50"
        )
        rows = cursor.fetchall()
    return "".join(
        f"<li><a href='/claims/{slug}/'>{escape(text)}</a> {status} {day} {escape(name or '')}"
        f" {escape(outlets or '')}</li>"
        for slug, text, status, day, name, outlets in rows
    )


def counted(query: str, engine) -> dict:
    chosen = ClaimFilter(QueryDict(query))
    return engine.select(chosen.selection).counts(limit=20)


def lines(*, quick: bool) -> Iterator[Line]:
    assert page().count(b'<article class="claim">') == 50
    slow = 2 if quick or Claim.objects.count() > 50_000 else 7
    yield compare("list page, 50 rows and 12 facets : naive ORM, 4 facets", page, naive_page,
                  runs=slow, warm=quick)  # fmt: skip
    yield compare("list page : its rows alone by the raw driver", page, raw_page)
    yield from facet_lines(slow)
    yield keyset_line()
    yield from search_lines()


def facet_lines(runs: int) -> Iterator[Line]:
    ratios = []
    for query in SELECTIONS:
        # SQL lists every value; a bitmap's first twenty must be among them.
        here, there = counted(query, facets), counted(query, sql_facets)
        for name, choices in here.items():
            assert choices == there[name], (query, name)
        line = compare(f"facets of {query}", lambda q=query: counted(q, facets),
                       lambda q=query: counted(q, sql_facets), runs=runs, warm=False)  # fmt: skip
        ratios.append(line.ratio)
        yield line
    mean_ratio = exp(mean(map(log, ratios)))
    print(f"{'facets, geometric mean of these':58} {'':>19} {mean_ratio:>8.1f} ×{'':19}≥ 50")


def keyset_line() -> Line:
    count = Claim.objects.published().count()
    rows = Claim.objects.published().newest()
    # A cursor that the last fifty rows stand before.
    end = pagination._packed(["newest", "0001-01-01", 0])

    def offset() -> list:
        return list(rows.for_list()[count - 50 :])

    def keyset() -> list:
        return ClaimFilter(QueryDict(f"page_size=50&before={end}")).page().rows

    assert [row.id for row in keyset()] == [row.id for row in offset()]
    return compare("deepest page : by OFFSET", keyset, offset, target="≥ 100")


def search_lines() -> Iterator[Line]:
    word, hits = common_word()
    query = search.parse(word)
    published = ClaimFilter(QueryDict("")).result.claims

    def everything(ids: list) -> BitMap:
        return published & BitMap(ids)

    assert len(search.ranking(query, everything)) == min(hits, search.MOST_RANKED)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TABLE IF EXISTS bench_bm25")
            cursor.execute(
                "CREATE VIRTUAL TABLE bench_bm25 USING fts5(claim_words, claim_stems, other_words,"
                " other_stems, content=factcheck_searchdocument, content_rowid=id, tokenize=ascii)"
            )
            cursor.execute("INSERT INTO bench_bm25 (bench_bm25) VALUES ('rebuild')")

    def full() -> list:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(
                    "SELECT rowid FROM bench_bm25 WHERE bench_bm25 MATCH %s ORDER BY rank LIMIT 50",
                    [f'"{query.terms[0].keys[0]}"'],
                )
            else:
                cursor.execute(
                    "SELECT id FROM factcheck_searchdocument WHERE lexemes @@ %s::tsquery"
                    " ORDER BY ts_rank(lexemes, %s::tsquery) DESC LIMIT 50",
                    [query.terms[0].keys[0]] * 2,
                )
            return cursor.fetchall()

    yield compare(
        f"best matches of {hits:,} hits : full ranking by the engine",
        lambda: search.ranking(query, everything)[:50],
        full,
        target="≥ 10",
    )
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_bm25")


def common_word() -> tuple[str, int]:
    """Return a word of about a tenth of the claims, and how many it finds."""
    total = Claim.objects.published().count()
    texts = Claim.objects.published().order_by("pk").values_list("text", flat=True)[:300]
    words = sorted({word for text in texts for word in text.split() if len(word) > 3})
    found = ((word, len(search.matching_ids(search.parse(word)))) for word in words[:120])
    return min(found, key=lambda one: abs(one[1] - total / 10))
