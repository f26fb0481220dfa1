"""*Import fact-checks*: other publishers' findings, pasted or from a file; first only looked at."""

import io
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.imports.dry_run import NoRoomError
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import MappingError
from factcheck.imports.fact_checks.csv_table import Columns, parse_mapping
from factcheck.imports.fact_checks.formats import ReviewFile
from factcheck.imports.fact_checks.importer import import_reviews
from factcheck.imports.fact_checks.rejections import RejectedRecords, Rejection
from factcheck.models import Stage

# A request's size: what is longer goes in by the command.
MAX_UPLOAD, MAX_TEXT = 20_000_000, 1_000_000
_NEEDED = ("factcheck.publish_claim", "factcheck.approve_proposal")
# Small, for other editors write in between.
_RECORDS_PER_CHUNK = 250
_SHOWN, _MAX_MENDED = 50, 200_000


class ReviewsForm(forms.Form):
    """A file of fact-checks, or their text, and how it is to be read."""

    upload = forms.FileField(
        label=gettext_lazy("A file"),
        required=False,
        help_text=gettext_lazy(
            "ClaimReview as JSON, JSON Lines or a web page, or a table as CSV or TSV."
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("or its text"),
        required=False,
        strip=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    columns = forms.CharField(
        label=gettext_lazy("Columns"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy(
            "Of a table, where its own names do not say it: claim=statement,url=link,label=verdict."
            " A column may be a number, from 1."
        ),
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        choices=[
            (name, name or "UTF-8") for name in ("", "windows-1251", "windows-1252", "koi8-r")
        ],
        help_text=gettext_lazy("Of a table: what a spreadsheet saves may not be UTF-8."),
    )
    is_headless = forms.BooleanField(
        label=gettext_lazy("The first row is a record, not a head"), required=False
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("New claims are"),
        choices=[(Stage.DRAFT, gettext_lazy("drafts")), (Stage.PUBLISHED, gettext_lazy("public"))],
    )
    is_dry = forms.BooleanField(
        label=gettext_lazy("Only look: check everything, save nothing"),
        required=False,
        initial=True,
    )

    def clean_columns(self) -> dict[str, str]:
        try:
            return parse_mapping(self.cleaned_data["columns"])
        except MappingError as error:
            raise forms.ValidationError(describe(error)) from error

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        upload, text = data.get("upload"), data.get("text", "")
        if upload and text.strip():
            self.add_error("upload", _("Paste the text or choose a file, not both."))
        elif upload and upload.size > MAX_UPLOAD:
            message = _("Larger than %(most)d MB: import it by the command import_claims.")
            self.add_error("upload", message % {"most": MAX_UPLOAD // 1_000_000})
        elif not upload and not text.strip() and not self.errors:
            self.add_error("upload", _("Choose a file, or paste its text."))
        return data

    def file(self) -> ReviewFile:
        """Return the uploaded file or the pasted text, to be read once."""
        upload = self.cleaned_data["upload"]
        return ReviewFile(
            upload.file if upload else io.BytesIO(self.cleaned_data["text"].encode()),
            upload.name if upload else "",
            columns=Columns(
                self.cleaned_data["columns"],
                has_head=not self.cleaned_data["is_headless"],
                encoding=self.cleaned_data["encoding"],
            ),
        )


def review_import(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form; import, or only look, and tell what became of each record."""
    if not request.user.has_perms(_NEEDED):
        raise PermissionDenied
    form = ReviewsForm(request.POST or None, request.FILES or None, label_suffix="")
    context |= {"title": _("Import fact-checks"), "form": form}
    if form.is_valid():
        try:
            context |= _import(request, form)
        except NoRoomError as error:
            form.add_error("is_dry", str(error))
    return TemplateResponse(request, "admin/factcheck/claim/import.html", context)


def _import(request: HttpRequest, form: ReviewsForm) -> dict[str, Any]:
    file, mend = form.file(), io.StringIO()
    rejections: list[Rejection] = []
    rejected = RejectedRecords(
        is_table=file.kind == "table",
        has_head=file.has_head,
        open_stream=lambda: mend,
        report=lambda number, rejection: rejections.append(rejection) if number <= _SHOWN else None,
    )
    is_dry = form.cleaned_data["is_dry"]
    report = import_reviews(
        file,
        rejected,
        stage=form.cleaned_data["stage"],
        size=_RECORDS_PER_CHUNK,
        is_dry=is_dry,
        by=request.user,  # type: ignore[arg-type]
    )
    is_short = mend.tell() <= _MAX_MENDED
    return {
        "report": report,
        "is_dry": is_dry,
        "problem": describe(file.problem) if file.problem else "",
        "refusals": rejections,
        "more": report.rejected - len(rejections),
        "unknown": report.unknown_labels.most_common(_SHOWN),
        "lost": report.unreadable.most_common(_SHOWN),
        "mend": mend.getvalue() if is_short else "",
    }
