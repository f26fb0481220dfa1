"""The kinds of rows that the API serves: their lists, single rows, and what editors can add."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from factcheck import editing, facets, filters
from factcheck.absolute_urls import absolute_url
from factcheck.api import http, serializers
from factcheck.api.drafts import CitationDraft, ClaimDraft
from factcheck.api.flat_rows import flat_rows_of
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
from factcheck.queries.claim_detail import get_claim_detail


class Resource(http.ApiViewMixin, ViewSet):
    """A list of flat rows, and a single row by its slug, number or reference."""

    model: ClassVar[Any]
    noun: ClassVar[str]
    filter_class: ClassVar[type[filters.ListFilter]]
    row_serializer: ClassVar[Any]
    detail_serializer: ClassVar[Any]
    lookup_field = "slug"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "model"):
            cls.noun = str(cls.model._meta.model_name)

    def rows(self) -> QuerySet[Any]:
        """Return the rows of the list before it is filtered."""
        return self.model.objects.public().for_list()

    def filtered(self, request: Request) -> filters.ListFilter:
        return self.filter_class(request.query_params, queryset=self.rows())

    def index(self, request: Request) -> HttpResponse:
        filterset = self.filtered(request)
        rows = flat_rows_of(self.row_serializer)
        page = filterset.page(*rows.columns)
        if filterset.problems:
            raise exceptions.ValidationError(filterset.problems)
        results = rows.of(page.rows)
        self.expand(request, page.rows, results)
        body = {
            "count": filterset.total,
            "next": self._page_url(request, after=page.after),
            "previous": self._page_url(request, before=page.before),
            "results": results,
        }
        return HttpResponse(http.to_json(body), content_type=http.JSON)

    def expand(self, request: Request, rows: Iterable[Any], results: list[dict[str, Any]]) -> None:
        """Add to `results` the related rows that were requested."""

    def _page_url(self, request: Request, **cursor: str) -> str | None:
        """Return the address of the page at a cursor, with the rest of the query string."""
        if not any(cursor.values()):
            return None
        query = request.query_params.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        query.update(cursor)
        return absolute_url(f"{reverse(f'api-{self.noun}-list')}?{query.urlencode()}")

    def show(self, request: Request, key: str) -> Response:
        return Response(self.detail_serializer(self.row(request, key)).data)

    def row(self, request: Request, key: str) -> Any:
        if "\0" in key:  # PostgreSQL does not accept it in a text
            raise Http404
        return get_object_or_404(self.rows(), **{self.lookup_field: key})


class MergeableResource(Resource):
    """Rows that can be merged: the address of a merged row redirects to the other one."""

    def show(self, request: Request, key: str) -> Response:
        try:
            return super().show(request, key)
        except Http404:
            winner = self.model.objects.merge_targets([key]).get(key)
            if winner is None:
                raise
        address = reverse(f"api-{self.noun}-detail", args=[winner.slug])
        return Response(None, status=301, headers={"Location": address})


class Claims(Resource):
    """Published claims. A single one has its citations, the families of outlets behind it, and
    its verifications; a retracted one can still be read.
    """

    model = Claim
    filter_class = filters.ClaimFilter
    row_serializer = serializers.ClaimRow
    detail_serializer = serializers.ClaimDetail
    EXPANDED = ("citations", "verifications")

    def rows(self) -> QuerySet[Claim]:
        return Claim.objects.published()

    def filtered(self, request: Request) -> filters.ListFilter:
        return filters.ClaimFilter(request.query_params)

    def row(self, request: Request, key: str) -> Claim:
        claim = get_claim_detail(key)
        if claim is None or not (claim.is_public or request.user.has_perm("factcheck.view_claim")):
            raise Http404
        return claim

    def expand(self, request: Request, rows: Iterable[Any], results: list[dict[str, Any]]) -> None:
        names = ",".join(request.query_params.getlist("expand")).split(",")
        wanted = {name.strip() for name in names} - {""}
        if wanted - {*self.EXPANDED}:
            raise exceptions.ValidationError({"expand": [f"Of {', '.join(self.EXPANDED)} alone."]})
        ids = [row.id for row in rows] if wanted else []
        for name in self.EXPANDED:
            if name in wanted:
                nested = _citations(ids) if name == "citations" else _verifications(ids)
                for pk, result in zip(ids, results, strict=True):
                    result[name] = nested[pk]

    def create(self, request: Request) -> Response:
        draft = ClaimDraft(data=request.data)
        draft.is_valid(raise_exception=True)
        claim = editing.draft(by=request.user, **draft.validated_data)
        return self._created(request, claim.slug)

    def cite(self, request: Request, key: str) -> Response:
        claim = self.row(request, key)
        draft = CitationDraft(data=request.data)
        draft.is_valid(raise_exception=True)
        editing.cite(claim=claim, by=request.user, **draft.validated_data)
        return self._created(request, key)

    def _created(self, request: Request, key: str) -> Response:
        data = self.detail_serializer(self.row(request, key)).data
        address = absolute_url(reverse("api-claim-detail", args=[key]))
        return Response(data, status=201, headers={"Location": address})

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.request.method == "POST" else []


def _citations(claim_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the citations of claims, by the claims' ids."""
    rows = flat_rows_of(serializers.CitationRow)
    citations = Citation.objects.filter(claim__in=claim_ids).order_by("position", "id")
    values = list(citations.values_list(*rows.columns, "claim_id"))
    return _grouped((row[-1] for row in values), rows.of(values))


def _verifications(claim_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the verifications of claims with their evidence, by the claims' ids."""
    rows = flat_rows_of(serializers.VerificationRow)
    log = Verification.objects.filter(claim__in=claim_ids).order_by("-number")
    values = list(log.values_list(*rows.columns, "claim_id", "id"))
    results = rows.of(values)
    evidence = _evidence(claim_ids)
    for row, result in zip(values, results, strict=True):
        result["evidence"] = evidence[row[-1]]
    return _grouped((row[-2] for row in values), results)


def _evidence(claim_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the evidence of claims, by the ids of their verifications."""
    rows = flat_rows_of(serializers.EvidenceRow)
    evidence = Evidence.objects.filter(verification__claim__in=claim_ids).order_by("id")
    values = list(evidence.values_list(*rows.columns, "verification_id"))
    return _grouped((row[-1] for row in values), rows.of(values))


def _grouped(keys: Iterable[int], results: Iterable[Any]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for key, result in zip(keys, results, strict=True):
        groups[key].append(result)
    return groups


class Citations(Resource):
    """The citations of published claims."""

    model, lookup_field = Citation, "ref"
    filter_class = filters.CitationFilter
    row_serializer = detail_serializer = serializers.CitationRow

    def rows(self) -> QuerySet[Citation]:
        return Citation.objects.of_published().select_related("claim", "outlet", "reprint_of")


class Verifications(Resource):
    """The records of the log about public claims: findings, retractions, restorations."""

    model, lookup_field = Verification, "number"
    filter_class = filters.VerificationFilter
    row_serializer = serializers.VerificationRow
    detail_serializer = serializers.VerificationDetail

    def rows(self) -> QuerySet[Verification]:
        return Verification.objects.public().select_related("claim", "publisher")


class Outlets(MergeableResource):
    """The outlets that are cited. A single one has its aliases, its family and its record."""

    model = Outlet
    filter_class = filters.OutletFilter
    row_serializer = serializers.OutletRow
    detail_serializer = serializers.OutletDetail

    def row(self, request: Request, key: str) -> Outlet:
        outlet: Any = super().row(request, key)
        outlet.record = facets.outlet_stats(outlet.pk).record
        outlet.claim_count = facets.claim_counts().get(outlet.pk, 0)
        return outlet


class Claimants(MergeableResource):
    """Who made public claims."""

    model = Claimant
    filter_class = filters.ClaimantFilter
    row_serializer = detail_serializer = serializers.ClaimantRow


class Owners(Resource):
    """Who in the end controls outlets. A single one has its outlets."""

    model = Owner
    filter_class = filters.OwnerFilter
    row_serializer = serializers.OwnerRow
    detail_serializer = serializers.OwnerDetail


class Articles(Resource):
    """The texts in which claims were found, without the text."""

    model = Article
    filter_class = filters.ArticleFilter
    row_serializer = detail_serializer = serializers.ArticleRow


class Topics(Resource):
    """What public claims are about."""

    model = Topic
    filter_class = filters.TopicFilter
    row_serializer = detail_serializer = serializers.TopicRow


class UnknownAddress(http.ApiViewMixin, APIView):
    """Answers 404 to every other address under /api/."""

    schema = None

    def initial(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound


RESOURCES: tuple[type[Resource], ...] = (
    *(Claims, Outlets, Owners, Articles, Claimants, Topics, Citations, Verifications),
)
