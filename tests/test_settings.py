"""Settings come from the environment, and production refuses to start half set up."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

PRODUCTION = {
    "FACTCHECK_DEBUG": "0",
    "SECRET_KEY": "k" * 60 + "abcdefghij",
    "FACTCHECK_ALLOWED_HOSTS": "facts.example",
    "FACTCHECK_SITE_URL": "https://facts.example",
}


def run(*command, **env):
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FACTCHECK_", "DJANGO_")) and name not in {"SECRET_KEY"}
    }
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=clean | env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FACTCHECK_ALLOWED_HOSTS"])
def test_production_needs_a_key_and_its_hosts(missing):
    env = {name: value for name, value in PRODUCTION.items() if name != missing}

    done = run("check", **env)

    assert done.returncode == 1
    assert missing in done.stderr.splitlines()[-1]


def test_production_settings_pass_djangos_own_check():
    done = run("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("env", "is_required"),
    [
        ({}, "False"),
        ({"FACTCHECK_REQUIRE_SECOND_APPROVER": "1"}, "True"),
        ({"FACTCHECK_TWO_PEOPLE": "1"}, "True"),
        ({"FACTCHECK_TWO_PEOPLE": "1", "FACTCHECK_REQUIRE_SECOND_APPROVER": "0"}, "False"),
    ],
)
def test_a_second_approver_is_required_by_the_new_or_the_old_name(env, is_required):
    code = "from django.conf import settings; print(settings.FACTCHECK_REQUIRE_SECOND_APPROVER)"

    assert run("shell", "-v0", "-c", code, **env).stdout.strip() == is_required


def test_a_setting_that_is_no_such_thing_is_refused():
    done = run("check", FACTCHECK_DEBUG="maybe")

    assert done.returncode == 1


def test_without_settings_it_answers_to_loopback_alone(settings):
    code = "from django.conf import settings; print(settings.DEBUG, *settings.ALLOWED_HOSTS)"

    done = run("shell", "-v0", "-c", code)

    assert done.stdout.split() == ["True", "localhost", "127.0.0.1", "[::1]"]


def test_the_models_have_their_migrations():
    done = run("makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout


def test_a_site_address_without_a_scheme_is_refused():
    done = run("check", FACTCHECK_SITE_URL="facts.example")

    assert done.returncode == 1
    assert "FACTCHECK_SITE_URL must begin" in done.stderr
