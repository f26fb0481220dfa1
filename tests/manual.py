"""The text of the README and of the manual in docs/."""

from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


# The README is the front door; the manual is in docs/.
MANUAL = README + "".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))
)
