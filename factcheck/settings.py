"""Settings, all from the environment; the README lists them.

With none set the project runs on SQLite with DEBUG on, for loopback only. With FACTCHECK_DEBUG=0
it refuses to start without SECRET_KEY and FACTCHECK_ALLOWED_HOSTS.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from factcheck.db import database_file

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("FACTCHECK_DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="django-insecure-for-loopback-only" if DEBUG else "")
ALLOWED_HOSTS = env.list(
    "FACTCHECK_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else []
)
if not DEBUG and not SECRET_KEY:
    raise ImproperlyConfigured("FACTCHECK_DEBUG is off: set SECRET_KEY to a long random string.")
if not DEBUG and not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "FACTCHECK_DEBUG is off: set FACTCHECK_ALLOWED_HOSTS to the host names to answer to,"
        " separated by commas."
    )

# Public facts about this installation
FACTCHECK_SITE_URL = env.str("FACTCHECK_SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
if not FACTCHECK_SITE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("FACTCHECK_SITE_URL must begin with http:// or https://.")
FACTCHECK_PUBLISHER = env.str("FACTCHECK_PUBLISHER", default="Factcheck")
FACTCHECK_CONTACT = env.str("FACTCHECK_CONTACT", default="")
FACTCHECK_DATA_LICENSE = env.str("FACTCHECK_DATA_LICENSE", default="")
# So many requests a minute, hour or day from one client of the API; empty: no limit.
FACTCHECK_API_RATE = env.str("FACTCHECK_API_RATE", default="600/min")
# Nobody approves a finding that they proposed themselves. The second name is the older one.
FACTCHECK_REQUIRE_SECOND_APPROVER = env.bool(
    "FACTCHECK_REQUIRE_SECOND_APPROVER", default=env.bool("FACTCHECK_TWO_PEOPLE", default=False)
)

INSTALLED_APPS = [
    # First: its templates stand before those of the admin.
    "factcheck",
    "factcheck.apps.FactcheckAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django_filters",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "corsheaders",
    "django_htmx",
    "simple_history",
    "import_export",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # With DEBUG on, runserver itself serves the style sheet, as it is being edited.
    *([] if DEBUG else ["whitenoise.middleware.WhiteNoiseMiddleware"]),
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "factcheck.views.body_limit.BodyLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    # A database that is busy or away: 503, and the form that was sent is given back.
    "factcheck.http.outages.OutageMiddleware",
    # Must be last: it turns a refused log-in into its answer.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "factcheck.urls"
WSGI_APPLICATION = "factcheck.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "factcheck.views.site_context",
            ]
        },
    }
]

# Its inputs take what is too long: the error says so, where a browser would cut it.
FORM_RENDERER = "factcheck.forms.renderer.Renderer"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: two transactions that read first and then write would otherwise fail at once.
    # The timeout is set here alone: PRAGMA busy_timeout would override it.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        # Creates no file, and writes into none that was deleted or replaced.
        "factory": database_file.Connection,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
            # Each thread has a connection, and each its cache; the system has one for all.
            "PRAGMA cache_size=-8192;PRAGMA temp_store=MEMORY;"
            # Of 4 KB: pages that many commits write over are carried home once.
            "PRAGMA wal_autocheckpoint=4000;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling a query takes up to a second, more than it wins back in any of ours.
    postgresql_options = DATABASES["default"].setdefault("OPTIONS", {})
    postgresql_options["options"] = f"-c jit=off {postgresql_options.get('options', '')}".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "factcheck.views.pages.csrf_failure"
LOGIN_REDIRECT_URL = "admin:index"
# What is counted together, and what besides: `factcheck.http.login_lockout`.
AXES_HANDLER = "factcheck.http.login_lockout.LockoutHandler"
AXES_CLIENT_IP_CALLABLE = "factcheck.http.login_lockout.client_address"
AXES_LOCKOUT_CALLABLE = "factcheck.views.locked_out.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
# Log-in opens again when the page said that it would, whoever tries meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False

LANGUAGE_CODE = "en"
# Each by its own name; English stands at addresses without a prefix.
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("kk", "Қазақша")]
# The second holds Django's own strings that Django lacks in Kazakh. They are not in our sources, so
# makemessages would drop them from the first, and it writes to the first alone.
LOCALE_PATHS = [BASE_DIR / "factcheck" / "locale", BASE_DIR / "factcheck" / "locale_django"]
FORMAT_MODULE_PATH = "factcheck.formats"
USE_I18N = True
# A million claims are "1,000,000 claims"; addresses and form values are not touched by it.
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = env.str("FACTCHECK_TIME_ZONE", default="UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.path("FACTCHECK_STATIC_ROOT", default=str(BASE_DIR / ".static"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a claim with some hundred citations is one form

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "factcheck.api.schema.Schema",
    # Days and moments go to orjson as they are.
    "DATE_FORMAT": None,
    "DATETIME_FORMAT": None,
    # Without a proxy that is known to set it, the header with the client's address is anybody's.
    "NUM_PROXIES": 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": FACTCHECK_PUBLISHER,
    "DESCRIPTION": "Claims, the outlets cited for them, and what was found.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "factcheck.api.schema.any_of",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "Status": "factcheck.models.Status",
        "Stage": "factcheck.models.Stage",
        "VerificationKind": "factcheck.models.VerificationKind",
        "OutletKind": "factcheck.models.outlet_kinds.OutletKind",
        "OwnerKind": "factcheck.models.owners.OwnerKind",
        "ClaimantKind": "factcheck.models.claimants.ClaimantKind",
    },
}
# Pages of other sites may read what is public; no cookie goes with it.
CORS_URLS_REGEX = (
    r"^/([a-z]{2}/)?"
    r"(api/|v1alpha1/|claims\.\w+$|claimreview\.json$|"
    r"(corrections|fact-checks)/\w+\.\w+$)"
)
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After"]

IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
SIMPLE_HISTORY_REVERT_DISABLED = True
# An editor's reason may be long; nothing of it is cut off.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_DATE_INDEX = False  # a row's history is asked for by the row

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60  # seconds that an editor stays logged in
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("FACTCHECK_HTTPS", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
    SECURE_HSTS_SECONDS = env.int("FACTCHECK_HSTS_SECONDS", default=3600)
    CSRF_TRUSTED_ORIGINS = [FACTCHECK_SITE_URL]
    # The headers are believed only where a proxy is known to set them.
    if env.bool("FACTCHECK_BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # The client's address, for the limit of the API and for failed log-ins alike.
        REST_FRAMEWORK["NUM_PROXIES"] = 1
# HSTS for sub-domains and preload lists binds a whole domain: the owner's choice.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # What it cannot read is told to the user, in our own words.
    "loggers": {"trafilatura": {"level": "CRITICAL"}},
}
