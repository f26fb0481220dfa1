"""*Add from article*: paste or upload, check what was read, import, and see the drafts."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from factcheck.admin.article_form import SourceForm
from factcheck.admin.article_preview import ArticlePreview
from factcheck.admin.date_inputs import reader_address
from factcheck.admin.import_batches import link_to
from factcheck.admin.pages import form_url, list_url, render_page
from factcheck.forms.date_fields import PARTIAL_DATE
from factcheck.http.form_recovery import IMPORT
from factcheck.imports.articles.import_state import ImportResult
from factcheck.imports.articles.importer import write_article
from factcheck.imports.errors import ArticleError
from factcheck.models import Claim, Outlet

# Larger previews are left to the command.
MAX_FIELDS = 4_500
_MAX_WARNINGS = 20
_MAX_NAMES = 5_000
_PERMISSIONS = (
    *("factcheck.add_article", "factcheck.change_article"),
    *("factcheck.add_claim", "factcheck.change_claim"),
    *("factcheck.add_citation", "factcheck.change_citation"),
    *("factcheck.add_outlet", "factcheck.add_outletalias"),
)


def import_article(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the form, then the preview; import what the editor ticked."""
    if not request.user.has_perms(_PERMISSIONS):
        raise PermissionDenied
    form = SourceForm(request.POST or None, request.FILES or None)
    preview = None
    if form.is_valid() or (form.is_preview and not {"text", "upload"} & set(form.errors)):
        preview = _preview(request, form)
        if preview.field_count > MAX_FIELDS:
            form.add_error(
                "text",
                _("More statements than one form holds: import it by the command ingest_article."),
            )
            preview = None
    if preview is None:
        return render_page(
            model_admin,
            request,
            "article/add.html",
            title=_("Add from article"),
            form=form,
            outlets=_outlet_names(),
        )
    if not form.is_valid():
        messages.error(request, _("Correct what is marked below."))
    elif (
        IMPORT in request.POST
        and _may_import(request, preview)
        and (imported := _import(request, form, preview))
    ):
        return _show_drafts(request, imported)
    return _preview_page(model_admin, request, form, preview)


def _preview(request: HttpRequest, form: SourceForm) -> ArticlePreview:
    date_before, reading_before = request.POST.get("was", ""), None
    if form.is_preview and date_before != form.reading.published:
        with suppress(ArticleError):  # the field was tampered with
            reading_before = form.read_as(date_before)
    return ArticlePreview(
        form.reading,
        form.names,
        publisher=form.cleaned_data.get("publisher"),
        data=request.POST if form.is_preview else None,
        reading_before=reading_before,
    )


def _preview_page(
    model_admin: Any, request: HttpRequest, form: SourceForm, preview: ArticlePreview
) -> HttpResponse:
    paragraphs, text_after = preview.paragraphs()
    return render_page(
        model_admin,
        request,
        "article/preview.html",
        title=_("Add from article: look before you import"),
        preview=preview,
        paragraphs=paragraphs,
        after=text_after,
        form=_filled(form, preview) if form.is_valid() else form,
        source=form.source,
        reader=reader_address(PARTIAL_DATE),
        outlets=_outlet_names(),
    )


def _may_import(request: HttpRequest, preview: ArticlePreview) -> bool:
    """Return whether the preview can be imported; add a message if it cannot."""
    if not preview.reading.title:
        messages.error(request, _("Give the article a title."))
    elif request.POST.get("digest") != preview.digest:
        messages.warning(
            request, _("The article is read differently now. Look again before you import it.")
        )
    elif preview.adds_nothing:
        messages.error(request, _("Tick at least one statement."))
    elif not preview.is_valid:
        messages.error(request, _("Correct what is marked below."))
    else:
        return True
    return False


def _import(request: HttpRequest, form: SourceForm, preview: ArticlePreview) -> ImportResult | None:
    try:
        return write_article(
            preview.edited(),
            names=form.names,
            publisher=form.cleaned_data["publisher"],
            chosen_outlets=preview.mapped(),
            by=request.user,  # type: ignore[arg-type]
            skipped_keys=preview.left_out(),
            reimported_keys=preview.wanted(),
        )
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    return None


def _show_drafts(request: HttpRequest, imported: ImportResult) -> HttpResponse:
    """Redirect to the list of the article's drafts, with messages about what was imported."""
    created = imported.created
    claims = ngettext("%d draft claim", "%d draft claims", created["claims"]) % created["claims"]
    citations = ngettext("%d citation", "%d citations", created["citations"]) % created["citations"]
    messages.success(
        request,
        _("“%(article)s”. New: %(claims)s, with %(citations)s over all claims.")
        % {"article": imported.article, "claims": claims, "citations": citations},
    )
    if imported.batch:
        messages.info(request, link_to(imported.batch))
    _warn_of_outlets(request, imported)
    _warn_of_claims(request, imported)
    return HttpResponseRedirect(list_url(Claim, f"article__id__exact={imported.article.pk}"))


def _warn_of_outlets(request: HttpRequest, imported: ImportResult) -> None:
    if imported.new_outlets:
        names = ", ".join(outlet.name for outlet in imported.new_outlets)
        messages.warning(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _("New outlets, to be looked at: %s.") % names,
                list_url(Outlet, "is_confirmed__exact=0"),
                _("Unconfirmed outlets"),
            ),
        )
    if imported.without_outlet:
        names = ", ".join({citation.raw.strip(", ") for citation in imported.without_outlet})
        messages.warning(request, _("Left out, for the outlet is lost: %s.") % names)


def _warn_of_claims(request: HttpRequest, imported: ImportResult) -> None:
    for claim in imported.public_claims:
        messages.warning(request, _linked(_("Published, and cites more now:"), claim))
    for claim in imported.skipped:
        messages.warning(request, _linked(_("Left as it is, for it is published:"), claim))
    for claim in imported.removed_claims:
        messages.warning(request, _linked(_("Its sentence is no longer in the article:"), claim))
    for citation in imported.removed_citations[:_MAX_WARNINGS]:
        text = _("“%s” is no longer in the article, but still cited for:") % citation.as_cited
        messages.warning(request, _linked(text, citation.claim))


def _linked(text: str, claim: Claim) -> str:
    return format_html('{} <a href="{}">{}</a>', text, form_url(claim), claim)


def _filled(form: SourceForm, preview: ArticlePreview) -> SourceForm:
    """Return the form with the facts that the text gave, to be corrected beside the preview."""
    reading = preview.reading
    publisher = form.cleaned_data["publisher"]
    return SourceForm(
        initial={
            "published": reading.published,
            "title": reading.title,
            "author": reading.author,
            "publisher": publisher.name if publisher else "",
            "language": reading.language,
            "url": reading.url,
        }
    )


def _outlet_names() -> list[str]:
    names = Outlet.objects.listed().order_by("name").values_list("name", flat=True)
    return list(names[:_MAX_NAMES])
