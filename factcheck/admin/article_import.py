"""*Add from article*: paste or upload, look at what was read, import, land on the drafts."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck.admin.date_inputs import KnownDateInput, reader_address
from factcheck.admin.imports import link_to
from factcheck.admin.languages import LanguageField
from factcheck.admin.preview import Preview
from factcheck.forms.date_fields import AS_KNOWN, WITH_YEAR, KnownDateField
from factcheck.http.form_recovery import IMPORT, READ_AGAIN
from factcheck.imports.articles.import_state import Imported
from factcheck.imports.articles.importer import store
from factcheck.imports.articles.reader import decode, read_source
from factcheck.imports.articles.records import ReadArticle
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import ArticleError
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import Claim, Outlet
from factcheck.models.fields import NO_WEB_ADDRESS, LinkField

# A form's size: what is longer goes in by the command.
MAX_LENGTH = 200_000
MAX_UPLOAD = 2_000_000
MAX_FIELDS = 4_500
MAX_TOLD = 20
_NEEDED = (
    *(
        f"{verb}_{model}"
        for verb in ("add", "change")
        for model in ("article", "claim", "citation")
    ),
    *("add_outlet", "add_outletalias"),
)


class SourceForm(forms.Form):
    """An article's text and what is known of it. What is left empty is taken from the text."""

    text = forms.CharField(
        label=gettext_lazy("The article"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy(
            "Paste its text, or the page's HTML: the links within its citations are kept. A"
            " citation is a parenthesis that names outlets and days."
        ),
    )
    upload = forms.FileField(
        label=gettext_lazy("or a file"),
        required=False,
        help_text=gettext_lazy("Plain text or HTML in UTF-8."),
    )
    published = KnownDateField(
        label=gettext_lazy("Published"),
        required=False,
        kind=WITH_YEAR,
        widget=KnownDateInput(kind=WITH_YEAR),
        help_text=gettext_lazy(
            "As far as it is known: 10 September 2021, September 2021 or 2021. Without it, the"
            " years of most dates stay unknown."
        ),
    )
    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=300)
    author = forms.CharField(label=gettext_lazy("Author"), required=False, max_length=200)
    publisher = forms.CharField(
        label=gettext_lazy("Publisher"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "outlets"}),
        help_text=gettext_lazy("A known outlet, by any of its names."),
    )
    language = LanguageField(
        label=gettext_lazy("Language"),
        required=False,
        max_length=16,
        help_text=gettext_lazy("If it is left empty, the letters of the text decide."),
    )
    url = forms.URLField(
        label=gettext_lazy("Link"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        validators=LinkField.default_validators,
        error_messages={"invalid": NO_WEB_ADDRESS},
    )

    def clean_publisher(self) -> Outlet | None:
        typed = self.cleaned_data["publisher"].strip()
        outlet = Outlet.objects.resolve(typed) if typed else None
        if typed and outlet is None:
            raise ValidationError(
                _("No outlet is called “%(name)s”: add it first, or leave this empty.")
                % {"name": typed}
            )
        return outlet

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        upload = data.get("upload")
        text = data.get("text", "")
        if upload and text.strip():
            self.add_error("upload", _("Paste the article or choose a file, not both."))
        elif upload:
            try:
                text = decode(upload.read(MAX_UPLOAD + 1), limit=MAX_UPLOAD)
            except ArticleError as error:
                self.add_error("upload", f"{upload.name}: {describe(error)}")
        elif not text.strip() and not {"text", "upload"} & set(self.errors):
            self.add_error("text", _("Paste the article, or choose a file."))
        if not {"text", "upload"} & set(self.errors):
            self._read(text.replace("\r\n", "\n").replace("\r", "\n"))
        return data

    def _read(self, text: str) -> None:
        self.source, self.names = text, OutletNames.load()
        # Where what was given is wrong, the preview keeps to the day of the last reading.
        published = str(self.cleaned_data.get("published", self.data.get("was") or ""))
        try:
            self.reading = self.read_as(published)
        except ArticleError as error:
            self.add_error("text", describe(error))
            return
        if len(self.reading.text) > MAX_LENGTH:
            said = _("Longer than %(most)d characters: import it by the command ingest_article.")
            self.add_error("text", said % {"most": MAX_LENGTH})

    def read_as(self, published: str) -> ReadArticle:
        """Read the text. What is empty is taken from it; beside the preview it is meant so."""
        given: dict[str, str | None] = {
            name: self.cleaned_data.get(name, "") for name in ("title", "author", "url")
        }
        given["published"] = published
        if not self.is_preview:
            given = {name: value or None for name, value in given.items()}
        return read_source(
            self.source,
            is_outlet=self.names.__contains__,
            language=self.cleaned_data.get("language", ""),
            **given,
        )

    @property
    def is_preview(self) -> bool:
        return bool({IMPORT, READ_AGAIN} & set(self.data))


def from_article(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form, then the preview; import what the editor ticked."""
    if not all(request.user.has_perm(f"factcheck.{codename}") for codename in _NEEDED):
        raise PermissionDenied
    form = SourceForm(request.POST or None, request.FILES or None)
    context |= {"title": _("Add from article"), "form": form, "outlets": _outlet_names()}
    is_preview = form.is_preview
    if not form.is_valid() and (not is_preview or {"text", "upload"} & set(form.errors)):
        return TemplateResponse(request, "admin/factcheck/article/add.html", context)
    preview = _preview(request, form, is_first=not is_preview)
    if preview.field_count > MAX_FIELDS:
        form.add_error(
            "text",
            _("More statements than one form holds: import it by the command ingest_article."),
        )
        return TemplateResponse(request, "admin/factcheck/article/add.html", context)
    if not form.is_valid():
        messages.error(request, _("Correct what is marked below."))
    is_ready = IMPORT in request.POST and form.is_valid() and _may_import(request, preview)
    if is_ready and (done := _import(request, form, preview)):
        return _landing(request, done)
    paragraphs, after = preview.paragraphs()
    context |= {
        "preview": preview,
        "paragraphs": paragraphs,
        "after": after,
        "form": _filled(form, preview) if form.is_valid() else form,
        "source": form.source,
        "reader": reader_address(AS_KNOWN),
        "title": _("Add from article: look before you import"),
    }
    return TemplateResponse(request, "admin/factcheck/article/preview.html", context)


def _preview(request: HttpRequest, form: SourceForm, *, is_first: bool) -> Preview:
    was, read_before = request.POST.get("was", ""), None
    if not is_first and was != form.reading.published:
        with suppress(ArticleError):  # not the field as the page had it
            read_before = form.read_as(was)
    return Preview(
        form.reading,
        form.names,
        publisher=form.cleaned_data.get("publisher"),
        data=None if is_first else request.POST,
        was=read_before,
    )


def _may_import(request: HttpRequest, preview: Preview) -> bool:
    if not preview.read.title:
        messages.error(request, _("Give the article a title."))
        return False
    if request.POST.get("digest") != preview.digest:
        messages.warning(
            request, _("The article is read differently now. Look again before you import it.")
        )
        return False
    if preview.adds_nothing:
        messages.error(request, _("Tick at least one statement."))
        return False
    if not preview.is_valid:
        messages.error(request, _("Correct what is marked below."))
    return preview.is_valid


def _import(request: HttpRequest, form: SourceForm, preview: Preview) -> Imported | None:
    try:
        return store(
            preview.edited(),
            names=form.names,
            publisher=form.cleaned_data["publisher"],
            mapped=preview.mapped(),
            by=request.user,  # type: ignore[arg-type]
            left_out=preview.left_out(),
            wanted=preview.wanted(),
        )
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    return None


def _landing(request: HttpRequest, done: Imported) -> HttpResponse:
    """Tell what was done, on the list of the article's drafts."""
    created = done.created
    claims = ngettext("%d draft claim", "%d draft claims", created["claims"]) % created["claims"]
    citations = ngettext("%d citation", "%d citations", created["citations"]) % created["citations"]
    messages.success(
        request,
        _("“%(article)s”. New: %(claims)s, with %(citations)s over all claims.")
        % {"article": done.article, "claims": claims, "citations": citations},
    )
    if done.batch:
        messages.info(request, link_to(done.batch))
    if done.new_outlets:
        messages.warning(
            request,
            format_html(
                '{} <a href="{}?is_confirmed__exact=0">{}</a>',
                _("New outlets, to be looked at: %s.")
                % ", ".join(outlet.name for outlet in done.new_outlets),
                reverse("admin:factcheck_outlet_changelist"),
                _("Unconfirmed outlets"),
            ),
        )
    if done.without_outlet:
        lost = ", ".join({report.raw.strip(", ") for report in done.without_outlet})
        messages.warning(request, _("Left out, for the outlet is lost: %s.") % lost)
    for claim in done.public_claims:
        messages.warning(request, _linked(_("Published, and cites more now:"), claim))
    for claim in done.skipped:
        messages.warning(request, _linked(_("Left as it is, for it is published:"), claim))
    for claim in done.removed_claims:
        messages.warning(request, _linked(_("Its sentence is no longer in the article:"), claim))
    for citation in done.removed_citations[:MAX_TOLD]:
        said = _("“%s” is no longer in the article, but still cited for:") % citation.as_cited
        messages.warning(request, _linked(said, citation.claim))
    claims_list = reverse("admin:factcheck_claim_changelist")
    return HttpResponseRedirect(f"{claims_list}?article__id__exact={done.article.pk}")


def _linked(said: str, claim: Claim) -> str:
    address = reverse("admin:factcheck_claim_change", args=[claim.pk])
    return format_html('{} <a href="{}">{}</a>', said, address, claim)


def _filled(form: SourceForm, preview: Preview) -> SourceForm:
    """Return the form with what the text said of itself, to be corrected beside the preview."""
    read = preview.read
    publisher = form.cleaned_data["publisher"]
    return SourceForm(
        initial={
            "published": read.published,
            "title": read.title,
            "author": read.author,
            "publisher": publisher.name if publisher else "",
            "language": read.language,
            "url": read.url,
        }
    )


def _outlet_names() -> list[str]:
    return list(Outlet.objects.listed().order_by("name").values_list("name", flat=True)[:5_000])
