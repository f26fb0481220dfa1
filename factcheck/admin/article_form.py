"""The form of *Add from article*: a text or a file, and facts about it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.admin.date_inputs import PartialDateInput
from factcheck.admin.languages import LanguageField
from factcheck.forms.date_fields import WITH_YEAR, PartialDateField
from factcheck.http.form_recovery import IMPORT, READ_AGAIN
from factcheck.imports.articles.reader import decode, read_source
from factcheck.imports.articles.records import ParsedArticle
from factcheck.imports.error_messages import describe
from factcheck.imports.errors import ArticleError
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import Outlet
from factcheck.models.fields import NO_WEB_ADDRESS, LinkField

# Longer articles are imported by the command.
MAX_LENGTH = 200_000
MAX_UPLOAD = 2_000_000


class SourceForm(forms.Form):
    """An article's text and facts about it. Empty fields are filled from the text."""

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
    published = PartialDateField(
        label=gettext_lazy("Published"),
        required=False,
        kind=WITH_YEAR,
        widget=PartialDateInput(kind=WITH_YEAR),
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
        # If the date is invalid, the preview keeps the date of the last reading.
        published = str(self.cleaned_data.get("published", self.data.get("was") or ""))
        try:
            self.reading = self.read_as(published)
        except ArticleError as error:
            self.add_error("text", describe(error))
            return
        if len(self.reading.text) > MAX_LENGTH:
            message = _("Longer than %(most)d characters: import it by the command ingest_article.")
            self.add_error("text", message % {"most": MAX_LENGTH})

    def read_as(self, published: str) -> ParsedArticle:
        """Read the text as an article of this date.

        An empty field is filled from the text, except beside the preview: there the editor has
        emptied it.
        """
        facts: dict[str, str | None] = {
            name: self.cleaned_data.get(name, "") for name in ("title", "author", "url")
        }
        facts["published"] = published
        if not self.is_preview:
            facts = {name: value or None for name, value in facts.items()}
        return read_source(
            self.source,
            is_outlet=self.names.__contains__,
            language=self.cleaned_data.get("language", ""),
            **facts,
        )

    @property
    def is_preview(self) -> bool:
        """Return whether the preview sent the form."""
        return bool({IMPORT, READ_AGAIN} & set(self.data))
