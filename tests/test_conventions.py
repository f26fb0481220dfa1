"""Rules of the house that a machine can hold."""

import ast
import re
import subprocess

import pytest
from django.apps import apps
from django.urls import get_resolver
from django.utils.module_loading import import_string

from factcheck.checks import check_names_of_dates
from factcheck.models.base import NaturalKeyModel
from tests.manual import MANUAL
from tests.paths import ROOT
from tests.public_pages import API, ENDPOINTS, PAGES
from tests.test_query_counts import ADMIN, PUBLIC

CODE = sorted((ROOT / "factcheck").rglob("*.py"))
MODULES = [path for path in CODE if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "factcheck" / "templates").rglob("*.html"))
MODELS = [
    model
    for model in apps.get_app_config("factcheck").get_models()
    if not model.__name__.startswith(
        ("Change", "Epoch", "FacetIndex", "Historical", "Import", "LogKey", "Search")
    )
]


# Words that name nothing: a reader could not guess what such a function does.
NOT_NAMES = set("said told known found seen kept one".split())


def relative(path):
    return str(path.relative_to(ROOT))


def test_the_top_level_holds_what_the_design_says():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    allowed = {
        *("manage.py", "pyproject.toml", "README.md", "requirements.lock"),
        *("LICENSE", "CHANGELOG.md", "factcheck", "fixtures", "tests", "docs", "findings"),
    }
    assert {name.split("/")[0] for name in files if not name.startswith(".")} <= allowed


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_says_what_it_is_and_stays_short(path):
    source = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(source)), "no docstring"
    count = len(source.splitlines())
    too_long = f"{count} lines; at most 300: move a part into a module of its own"
    assert count <= 300, too_long


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_functions_stay_short_and_are_not_named_by_pronouns(path):
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert {
        f.name: f.end_lineno - f.lineno for f in functions if f.end_lineno - f.lineno > 39
    } == {}
    assert {f.name for f in functions if f.name.strip("_") in NOT_NAMES} == set()


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.parent.name == "models"], ids=relative
)
def test_models_import_nothing_inside_functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = [node for function in functions for node in ast.walk(function)]

    assert not [node.lineno for node in inner if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_flags_are_given_by_name(path):
    assert list(positional_flags(path.read_text(encoding="utf-8"))) == []


def positional_flags(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in node.args.args:
                kind = argument.annotation
                # The admin's own signatures are not ours to change.
                if isinstance(kind, ast.Name) and kind.id == "bool" and argument.arg != "change":
                    yield f"{node.name}({argument.arg})"


def test_the_rule_on_flags_sees_a_breach():
    assert list(positional_flags("def f(x: int, deep: bool): pass")) == ["f(deep)"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_says_what_it_is_and_has_a_natural_key(model):
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")
    assert issubclass(model, NaturalKeyModel)
    *path, last = model.natural_key_fields[0].split("__")
    owner = model._meta.get_field(path[0]).related_model if path else model
    field = owner._meta.get_field(last)
    together = {tuple(c.fields) for c in model._meta.constraints if hasattr(c, "fields")}
    key = tuple(name.split("__")[0] for name in model.natural_key_fields)
    assert field.unique or key in together


def test_dates_are_named_by_the_rule():
    assert check_names_of_dates() == []


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_templates_hold_no_script_no_style_and_no_other_host(path):
    source = path.read_text(encoding="utf-8")

    ours = re.compile(r"""<script src="{% static '[\w/.-]+' %}" defer></script>""")
    assert not re.search(
        r"<script|<style|\sstyle=|\son[a-z]+=|(?:src|href)=\"(?:https?:)?//", ours.sub("", source)
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_every_word_of_a_template_goes_through_gettext(path):
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", source, flags=re.S)
    source = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>|&\w+;", " ", source, flags=re.S)

    assert re.findall(r"[A-Za-z]{2,}", source) == []


def test_each_setting_is_in_the_manual():
    source = (ROOT / "factcheck" / "settings.py").read_text(encoding="utf-8")
    settings = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))

    assert len(settings) > 10
    assert {name for name in settings if f"`{name}`" not in MANUAL} == set()


def test_each_path_in_the_manual_exists():
    paths = set(re.findall(r"`((?:factcheck|tests|docs|fixtures)/[\w./-]+)`", MANUAL))

    assert len(paths) > 20
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_each_command_is_in_the_manual():
    commands = (ROOT / "factcheck" / "management" / "commands").glob("[a-z]*.py")
    missing = {path.stem for path in commands if f"manage.py {path.stem}" not in MANUAL}

    assert missing == set()


def test_each_public_page_is_tried_for_its_answer_and_its_queries():
    def shape(path):
        return re.sub(rf"(?<=/)({'|'.join(API)})/[^/?]+/", r"\1/x/", path)

    routes = {
        re.sub(r"<\w+:(slug|key)>", "x", f"/{pattern.pattern}".replace("<section>", "claims"))
        for found in get_resolver().url_patterns
        # Those of several languages stand a level deeper.
        for pattern in getattr(found, "url_patterns", [found])
        if getattr(pattern, "name", None)
    } - {"/healthz", "/api/v1/claims/x/citations/", "/about/style/"}

    assert {shape(path.split("?")[0]) for path in PAGES + ENDPOINTS} == routes
    # The API's lists are tried in its own tests.
    routes -= {shape(path) for path in [*ENDPOINTS, "/api/"]}
    # A claim's own pages have tests of their own; the method page asks nothing.
    assert {shape(path.split("?")[0]) for path in PUBLIC} == routes - {
        "/claims/x/",
        "/claims/x/revisions/",
        "/about/method/",
        "/robots.txt",
        "/opensearch.xml",
        "/sitemap.xml",
    }


def test_each_admin_list_is_tried_for_its_queries():
    from django.contrib import admin

    admin.autodiscover()
    ours = {
        f"/admin/factcheck/{model._meta.model_name}/"
        for model in admin.site._registry
        if model._meta.app_label == "factcheck"
    }

    assert ours == set(ADMIN)


def test_the_lock_pins_by_hash_and_names_no_host():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    pins = re.findall(r"^([\w.-]+)==", lock, re.M)
    assert len(pins) > 40
    assert lock.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"://|index-url|find-links|trusted-host|@ file", lock)


def test_the_lock_has_every_dependency_of_the_project():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'^  "([\w-]+)(?:\[\w+\])?[><=]', project, re.M)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()

    assert len(named) > 20
    assert {name for name in named if f"\n{name.lower()}==" not in f"\n{lock}"} == set()


def test_every_dependency_says_why_it_is_there():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = project.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    previous = ""
    for line in block.splitlines()[1:]:
        assert not line.strip().startswith('"') or previous.strip().startswith("#"), line
        previous = line


def test_the_handlers_of_what_goes_wrong_are_ours():
    resolver = get_resolver()
    for code in (400, 403, 404, 500):
        assert resolver.resolve_error_handler(code).__module__ == "factcheck.views.pages"


def test_the_template_context_of_the_site_exists():
    assert import_string("factcheck.views.site_context")
