"""Each kind of row: its list, one of it, and what an editor may add."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import classproperty
from rest_framework import exceptions
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from factcheck import editing, facets, filters
from factcheck.absolute_urls import absolute
from factcheck.api import http
from factcheck.api import serializers as s
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Evidence,
    Outlet,
    Owner,
    Topic,
    Verification,
)
from factcheck.queries.claim_detail import dossier


class Resource(http.Speaking, ViewSet):
    """A list of flat rows, and one row by its slug, number or reference."""

    model: ClassVar[Any]
    filter_class: ClassVar[type[filters.ListFilter]]
    row: ClassVar[Any]
    whole: ClassVar[Any]
    lookup_field = "slug"

    @classproperty
    def noun(cls) -> str:  # noqa: N805
        """Return what its addresses call a row."""
        return str(cls.model._meta.model_name)

    def rows(self) -> QuerySet[Any]:
        """Return what the list holds, before it is filtered."""
        return self.model.objects.public().for_list()

    def found(self, request: Request) -> filters.ListFilter:
        return self.filter_class(request._request.GET, queryset=self.rows())

    def index(self, request: Request) -> HttpResponse:
        chosen = self.found(request)
        flat = s.rows_of(self.row)
        page = chosen.page(*flat.columns)
        if chosen.problems:
            raise exceptions.ValidationError(chosen.problems)
        results = flat.of(page.rows)
        self.expand(request, page.rows, results)
        body = {
            "count": chosen.total,
            "next": self._beside(request, after=page.after),
            "previous": self._beside(request, before=page.before),
            "results": results,
        }
        return HttpResponse(http.dumped(body), content_type=http.JSON)

    def expand(self, request: Request, rows: Iterable[Any], results: list[dict[str, Any]]) -> None:
        """Add to `results` what else was asked for."""

    def _beside(self, request: Request, **cursor: str) -> str | None:
        """Return the address of the page at a cursor, with the query string as it was sent."""
        if not any(cursor.values()):
            return None
        query = request._request.GET.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        query.update(cursor)
        return absolute(f"{reverse(f'api-{self.noun}-list')}?{query.urlencode()}")

    def show(self, request: Request, key: str) -> Response:
        return Response(self.whole(self.one(request, key)).data)

    def one(self, request: Request, key: str) -> Any:
        if "\0" in key:  # which PostgreSQL does not take for text
            raise Http404
        return get_object_or_404(self.rows(), **{self.lookup_field: key})


class Merging(Resource):
    """Rows that can be merged: the old address leads to the row that took over."""

    def show(self, request: Request, key: str) -> Response:
        try:
            return super().show(request, key)
        except Http404:
            into = self.model.objects.taken_over([key]).get(key)
            if into is None:
                raise
        address = reverse(f"api-{self.noun}-detail", args=[into.slug])
        return Response(None, status=301, headers={"Location": address})


class Claims(Resource):
    """Published claims. One of them carries its citations, the families of outlets behind it, and
    its verifications; a retracted one can still be read.
    """

    model = Claim
    filter_class = filters.ClaimFilter
    row, whole = s.ClaimRow, s.ClaimDetail
    EXPANDED = ("citations", "verifications")

    def rows(self) -> QuerySet[Claim]:
        return Claim.objects.published()

    def found(self, request: Request) -> filters.ListFilter:
        return filters.ClaimFilter(request._request.GET)

    def one(self, request: Request, key: str) -> Claim:
        claim = dossier(key)
        if claim is None or not (claim.is_public or request.user.has_perm("factcheck.view_claim")):
            raise Http404
        return claim

    def expand(self, request: Request, rows: Iterable[Any], results: list[dict[str, Any]]) -> None:
        asked = ",".join(request._request.GET.getlist("expand"))
        wanted = {name.strip() for name in asked.split(",")} - {""}
        if wanted - {*self.EXPANDED}:
            raise exceptions.ValidationError({"expand": [f"Of {', '.join(self.EXPANDED)} alone."]})
        ids = [row.id for row in rows] if wanted else []
        for name in self.EXPANDED:
            if name in wanted:
                nested = _citations(ids) if name == "citations" else _verifications(ids)
                for pk, result in zip(ids, results, strict=True):
                    result[name] = nested[pk]

    def create(self, request: Request) -> Response:
        draft = s.ClaimDraft(data=request.data)
        draft.is_valid(raise_exception=True)
        claim = editing.draft(by=request.user, **draft.validated_data)
        return self._created(request, claim.slug)

    def cite(self, request: Request, key: str) -> Response:
        claim = self.one(request, key)
        draft = s.CitationDraft(data=request.data)
        draft.is_valid(raise_exception=True)
        editing.cite(claim=claim, by=request.user, **draft.validated_data)
        return self._created(request, key)

    def _created(self, request: Request, key: str) -> Response:
        data = self.whole(self.one(request, key)).data
        address = absolute(reverse("api-claim-detail", args=[key]))
        return Response(data, status=201, headers={"Location": address})

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.request.method == "POST" else []


def _citations(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    flat, found = s.rows_of(s.CitationRow), Citation.objects.filter(claim__in=ids)
    rows = list(found.order_by("position", "id").values_list(*flat.columns, "claim_id"))
    return _grouped((row[-1] for row in rows), flat.of(rows))


def _verifications(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    flat, found = s.rows_of(s.VerificationRow), Verification.objects.filter(claim__in=ids)
    rows = list(found.order_by("-number").values_list(*flat.columns, "claim_id", "id"))
    results = flat.of(rows)
    records, kept = s.rows_of(s.EvidenceRow), Evidence.objects.filter(verification__claim__in=ids)
    evidence = list(kept.order_by("id").values_list(*records.columns, "verification_id"))
    of_each = _grouped((row[-1] for row in evidence), records.of(evidence))
    for row, result in zip(rows, results, strict=True):
        result["evidence"] = of_each[row[-1]]
    return _grouped((row[-2] for row in rows), results)


def _grouped(keys: Iterable[int], results: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, result in zip(keys, results, strict=True):
        found[key].append(result)
    return found


class Citations(Resource):
    """The citations of published claims."""

    model, lookup_field = Citation, "ref"
    filter_class = filters.CitationFilter
    row = whole = s.CitationRow

    def rows(self) -> QuerySet[Citation]:
        return Citation.objects.of_published().select_related("claim", "outlet", "reprint_of")


class Verifications(Resource):
    """The log, as far as it is about public claims: findings, retractions, restorations."""

    model, lookup_field = Verification, "number"
    filter_class = filters.VerificationFilter
    row, whole = s.VerificationRow, s.VerificationDetail

    def rows(self) -> QuerySet[Verification]:
        return Verification.objects.of_public_claims().select_related("claim", "publisher")


class Outlets(Merging):
    """The outlets that are cited. One of them carries its aliases, its family and its record."""

    model = Outlet
    filter_class = filters.OutletFilter
    row, whole = s.OutletRow, s.OutletDetail

    def one(self, request: Request, key: str) -> Outlet:
        outlet: Any = super().one(request, key)
        outlet.record = facets.of_outlet(outlet.pk).record
        outlet.claim_count = facets.cited().get(outlet.pk, 0)
        return outlet


class Claimants(Merging):
    """Who made public claims."""

    model = Claimant
    filter_class = filters.ClaimantFilter
    row = whole = s.ClaimantRow


class Owners(Resource):
    """Who in the end controls outlets. One of them carries its outlets."""

    model = Owner
    filter_class = filters.OwnerFilter
    row, whole = s.OwnerRow, s.OwnerDetail


class Articles(Resource):
    """The texts in which claims were found, without the text."""

    model = Article
    filter_class = filters.ArticleFilter
    row = whole = s.ArticleRow


class Topics(Resource):
    """What public claims are about."""

    model = Topic
    filter_class = filters.TopicFilter
    row = whole = s.TopicRow


class NoSuchAddress(http.Speaking, APIView):
    """What is under /api/ and nowhere else."""

    schema = None

    def initial(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound


RESOURCES: tuple[type[Resource], ...] = (
    *(Claims, Outlets, Owners, Articles, Claimants, Topics, Citations, Verifications),
)
