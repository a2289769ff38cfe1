"""All settings, read once from the environment, top to bottom.

``docs/configuration.md`` lists every variable; a test compares the two.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url

from clinic_site import env

BASE_DIR = Path(__file__).resolve().parent.parent

# -- Where and as what it runs ---------------------------------------------------

PROFILE = env.choice("CLINIC_PROFILE", ["local", "production"], "local")
IS_PRODUCTION = PROFILE == "production"
ROLE = env.choice("CLINIC_ROLE", ["all", "public", "staff"], "all")
VAR_DIR = Path(env.text("VAR_DIR") or BASE_DIR / "var").resolve()
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
KEYS_DIR = Path(env.text("CLINIC_KEYS_DIR") or VAR_DIR / "keys").resolve()
BACKUP_DIR = Path(env.text("CLINIC_BACKUP_DIR") or VAR_DIR / "backups").resolve()
HOST = env.text("HOST") or "127.0.0.1"
PORT = env.number("PORT", 8000, 1, 65535)

DEBUG = env.flag("CLINIC_DEBUG")
if DEBUG and IS_PRODUCTION:
    raise env.refuse("CLINIC_DEBUG", "must be off in production", "no")


_LOCAL_KEY = VAR_DIR / "secret_key"


def _secret_key() -> str:
    """The key from the environment; locally one that is made once and kept in ``VAR_DIR``."""
    key = env.text("CLINIC_SECRET_KEY")
    if key:
        if IS_PRODUCTION and _LOCAL_KEY.is_file() and _LOCAL_KEY.read_text().strip() == key:
            raise env.refuse(
                "CLINIC_SECRET_KEY",
                f"is the one made for trying it out in {_LOCAL_KEY}",
                "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
            )
        if len(key) < 50:
            raise env.refuse(
                "CLINIC_SECRET_KEY",
                "must have at least 50 characters",
                "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
            )
        return key
    if IS_PRODUCTION:
        raise env.refuse("CLINIC_SECRET_KEY", "must be set in production", "a long random text")
    try:
        with _LOCAL_KEY.open("x") as file:
            _LOCAL_KEY.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return _LOCAL_KEY.read_text()


SECRET_KEY = _secret_key()

ALLOWED_HOSTS = env.words("CLINIC_HOSTS", "localhost,127.0.0.1,[::1]")
if IS_PRODUCTION and (not env.text("CLINIC_HOSTS") or "*" in ALLOWED_HOSTS):
    raise env.refuse(
        "CLINIC_HOSTS", "must name the site's own hosts in production", "www.example.org"
    )

# The address that links in mail and canonical links begin with, without a slash at the end.
# Locally a name, because browsers allow passkeys for names and not for addresses.
_LOCAL_NAME = "localhost" if HOST == "127.0.0.1" else HOST
SITE_URL = (env.text("CLINIC_URL") or f"http://{_LOCAL_NAME}:{PORT}").rstrip("/")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).netloc:
    raise env.refuse("CLINIC_URL", f"is not a web address: {SITE_URL!r}", "https://www.example.org")
if IS_PRODUCTION and not SITE_URL.startswith("https://"):
    raise env.refuse(
        "CLINIC_URL", "must begin with https:// in production", "https://www.example.org"
    )

# Addresses of the proxies whose X-Forwarded-For is believed; nobody else's is.
TRUSTED_PROXIES = env.words("CLINIC_TRUSTED_PROXIES")

# The doors of staff: their names, and the networks they are opened from (empty: from everywhere).
DESK_PATH = env.segment("CLINIC_DESK_PATH", "desk")
ADMIN_PATH = env.segment("CLINIC_ADMIN_PATH", "admin")
_TAKEN = {"contact", "static", "staff", "photos", "preview", "preview-frame", "sign-in", "sign-out"}
if DESK_PATH == ADMIN_PATH or {DESK_PATH, ADMIN_PATH} & _TAKEN:
    raise env.refuse("CLINIC_DESK_PATH", "and CLINIC_ADMIN_PATH need names of their own", "desk")
STAFF_NETWORKS = env.networks("CLINIC_STAFF_NETWORKS")

# Who hears of a weakness that somebody found, in /.well-known/security.txt (RFC 9116).
SECURITY_CONTACT = env.text("CLINIC_SECURITY_CONTACT")
SECURITY_EXPIRES = env.day("CLINIC_SECURITY_EXPIRES")
if SECURITY_CONTACT and not SECURITY_CONTACT.startswith(("mailto:", "https://", "tel:")):
    raise env.refuse(
        "CLINIC_SECURITY_CONTACT",
        "must begin with mailto:, https:// or tel:",
        "mailto:security@example.org",
    )
if SECURITY_CONTACT and not SECURITY_EXPIRES:
    raise env.refuse(
        "CLINIC_SECURITY_EXPIRES", "must be set with CLINIC_SECURITY_CONTACT", "2027-06-30"
    )

# -- What every page can show without a database ---------------------------------

CLINIC_NAME = "Ketamine Infusion Clinic"
CLINIC_PHONE_WORD = "866-951-HEAL"
CLINIC_PHONE_DIGITS = "866-951-4325"
CLINIC_PHONE_E164 = "+18669514325"

# -- Applications ----------------------------------------------------------------

INSTALLED_APPS = [
    "clinic_site",
    "pages",
    "intake",
    "clinic_site.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "phonenumber_field",
    "js_asset",
    "django_prose_editor",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "clinic_site.logs.name_requests",
    "clinic_site.metrics.count_requests",
    "clinic_site.headers.security_headers",
    "clinic_site.languages.speak",
    "clinic_site.middleware.only_known_methods",
    "clinic_site.staff.middleware.doors_open_to_staff_networks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic_site.staff.middleware.StaffSessions",
]

if ROLE == "public":
    MIDDLEWARE.remove("clinic_site.staff.middleware.StaffSessions")  # nobody signs in there

ROOT_URLCONF = "clinic_site.urls"
WSGI_APPLICATION = "clinic_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic_site.context.clinic",
                "pages.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "pages.templatetags.languages"],
        },
    }
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
PHONENUMBER_DEFAULT_REGION = "US"
PHONENUMBER_DB_FORMAT = "E164"

# -- Data ------------------------------------------------------------------------

try:
    _database = dj_database_url.parse(
        env.text("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'clinic.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as error:
    raise env.refuse(
        "DATABASE_URL", "is not a database address", "postgres://clinic@127.0.0.1/clinic"
    ) from error
DATABASES = {"default": _database}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # One writer at a time, taken at BEGIN: two writers wait for each other instead
    # of failing with "database is locked". FULL: a confirmed request survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Nobody waits longer for an answer than gunicorn's 30 s, so no statement runs on for longer; and
    # a node that hangs inside a transaction gives its locks back. A database that was cut off counts
    # as away after three seconds (tcp_user_timeout is in milliseconds): without that a visitor would
    # wait a quarter of an hour for a machine that is gone.
    # A name that nobody answers for is given up after two seconds instead of ten (resolv.conf(5)).
    os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:2")
    DATABASES["default"].setdefault("OPTIONS", {})
    DATABASES["default"]["OPTIONS"] |= {
        "connect_timeout": 3,
        "tcp_user_timeout": 3000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
    }
    # Each thread keeps a connection of its own, which costs less than sharing (docs/performance.md).
    # With a limit, the threads of a process share so many.
    if _pool := env.number("CLINIC_DATABASE_POOL", 0, 0, 100):
        DATABASES["default"]["OPTIONS"]["pool"] = {
            "max_size": max(2, _pool),
            "min_size": 0,
            "timeout": 3,
        }
        DATABASES["default"]["CONN_MAX_AGE"] = 0
else:
    raise env.refuse(
        "DATABASE_URL", "must be SQLite or PostgreSQL", "postgres://clinic@127.0.0.1/clinic"
    )

# -- Language and time -----------------------------------------------------------

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# What staff's pages speak until somebody chooses, and mail to staff. Readers' pages say it in their
# addresses; the choice of staff is kept in a cookie that those pages do not look at.
STAFF_LANGUAGE = env.choice("CLINIC_STAFF_LANGUAGE", ["en", "es"], "en")
LANGUAGE_COOKIE_NAME = "__Host-language" if IS_PRODUCTION else "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True
# The clinic's own zone: promises are shown and opening hours are kept in it.
TIME_ZONE = env.time_zone("CLINIC_TIME_ZONE", "America/Denver")
if IS_PRODUCTION and not env.text("CLINIC_TIME_ZONE"):
    raise env.refuse("CLINIC_TIME_ZONE", "must be set in production", "America/Denver")

# -- Static files ----------------------------------------------------------------

STATIC_URL = "/static/"
# One folder for every process of a machine, whatever its own VAR_DIR; public by nature.
STATIC_ROOT = Path(env.text("CLINIC_STATIC_DIR") or VAR_DIR / "static").resolve()
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "clinic_site.static.ClinicFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic_site.static.ClinicStaticFilesStorage"},
}

# Photographs as they are served, made from uploads; public by nature, one folder for all services.
MEDIA_ROOT = Path(env.text("CLINIC_MEDIA_DIR") or VAR_DIR / "media").resolve()

# The live release as files, for nginx; kept up to date beside the worker's rounds. Empty: not made.
RELEASES_DIR = env.text("CLINIC_RELEASES_DIR")
WORKER_COMPANIONS = ["pages.release_files.keep_up"] if RELEASES_DIR else []

WHITENOISE_MAX_AGE = 31_536_000  # seconds; names carry a hash
# Pictures and fonts are compressed already; a source map takes a minute and nobody's browser asks.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    *("jpg", "jpeg", "png", "gif", "webp", "avif", "woff", "woff2"),
    *("zip", "gz", "br", "map"),
]

# -- Mail ------------------------------------------------------------------------

EMAIL_FROM = env.text("CLINIC_EMAIL_FROM") or "callbacks@localhost"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = EMAIL_FROM
# Who is told of new requests and of due times. Mail carries a reference and a link, no more.
NOTIFY_EMAILS = env.words("CLINIC_NOTIFY_EMAILS", "" if IS_PRODUCTION else "desk@localhost")
# What the worker does once an hour beside its own work: a name for its log, and the function.
HOURLY_STEPS = {"remind": "pages.reviews.warn_due"}

_email_url = env.text("CLINIC_EMAIL_URL")
if _email_url:
    _mail = urlsplit(_email_url)
    if _mail.scheme not in {"smtp", "smtp+tls", "smtps"} or not _mail.hostname:
        raise env.refuse(
            "CLINIC_EMAIL_URL",
            "is not a mail server",
            "smtp+tls://user:password@mail.example.org:587",
        )
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[_mail.scheme]
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 20  # seconds
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# Where promises at risk and broken are told besides mail, for a pager or a chat (intake/webhook.py).
WEBHOOK_URL = env.text("CLINIC_WEBHOOK_URL")
WEBHOOK_SECRET = env.text("CLINIC_WEBHOOK_SECRET")
if WEBHOOK_URL:
    _hook = urlsplit(WEBHOOK_URL)
    if _hook.scheme not in {"http", "https"} or not _hook.hostname:
        raise env.refuse(
            "CLINIC_WEBHOOK_URL", "is not a web address", "https://pager.example.org/clinic"
        )
    if IS_PRODUCTION and _hook.scheme != "https":
        raise env.refuse(
            "CLINIC_WEBHOOK_URL",
            "must begin with https:// in production",
            "https://pager.example.org/clinic",
        )
    if len(WEBHOOK_SECRET) < 32:
        raise env.refuse(
            "CLINIC_WEBHOOK_SECRET",
            "must have at least 32 characters when CLINIC_WEBHOOK_URL is set",
            "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )

# -- Signing in ------------------------------------------------------------------

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = f"/{DESK_PATH}/"
LOGOUT_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clinic_site.staff.passwords.GuessableValidator"},
]
PASSWORD_RESET_TIMEOUT = 48 * 60 * 60  # seconds; how long an invitation works

REQUIRE_SECOND_FACTOR = env.flag("CLINIC_REQUIRE_SECOND_FACTOR", IS_PRODUCTION)
IDLE_MINUTES = env.number("CLINIC_IDLE_MINUTES", 15, 1, 60)
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds from signing in, however busy
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
KNOWN_BROWSER_COOKIE = "__Host-known" if IS_PRODUCTION else "known"
STAFF_PATHS = (
    *(f"/{DESK_PATH}/", f"/{ADMIN_PATH}/", "/staff/", "/sign-in/", "/sign-out/"),
    *("/preview/", "/preview-frame/"),
)
# Pages that ask again who is there when signing in was more than five minutes ago. An address
# of an app is named here because the apps do not know the project.
RECENT_SIGN_IN_FOR = frozenset(
    {
        "desk:export",
        "admin:auth_user_add",
        "admin:auth_user_change",
        "admin:auth_user_changelist",
        "admin:auth_user_delete",
        "admin:auth_group_add",
        "admin:auth_group_change",
        "admin:auth_group_delete",
        "account_change_password",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "usersessions_list",
        "staff-session-end",
    }
)

# What several processes must agree on: attempts counted, codes used up. In the database, because
# only there is "add unless it is there" one step. No public page asks it anything.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_shared_counter",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # so that a flood does not push counters out
    }
}
# Where several machines count the forms that are sent (intake/limits.py). A visitor waits for it,
# so not for long; without an answer each machine counts for itself.
_limits_cache = env.text("CLINIC_LIMITS_CACHE_URL")
if _limits_cache:
    if urlsplit(_limits_cache).scheme not in {"redis", "rediss", "unix"}:
        raise env.refuse(
            "CLINIC_LIMITS_CACHE_URL", "is not a Redis server", "redis://10.0.0.5:6379/0"
        )
    CACHES["limits"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _limits_cache,
        "KEY_PREFIX": "clinic",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},  # seconds
    }

ACCOUNT_ADAPTER = "clinic_site.staff.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # nobody signs up, and an address is optional
ACCOUNT_FORMS = {"login": "clinic_site.staff.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # for the library's checks; sign-up is closed
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    # Counted by clinic_site/staff/guessing.py, before the password is looked at.
    "known_browser": "10/15m/key",
    "stranger_at_account": "5/15m/key",
    "strangers_from_address": "10/m/ip,60/h/ip",
    "strangers_at_account": "20/h/key,60/d/key",
    # Codes of the second step: only somebody who knows the password gets there.
    "login_failed": "5/5m/key,20/h/key",
    # The library's own count of every request to the page would let a stranger lock out a clinic
    # that shares one address with its waiting room.
    "login": "",
}
MFA_ADAPTER = "clinic_site.staff.adapter.MfaAdapter"
MFA_FORMS = {
    "authenticate": "clinic_site.staff.forms.CodeForm",
    "reauthenticate": "clinic_site.staff.forms.ConfirmCodeForm",
    "activate_totp": "clinic_site.staff.forms.NewAppForm",
    "add_webauthn": "clinic_site.staff.forms.NewPasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": ""}  # nothing to guess, and it is the way round a lock-out
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_TOTP_PERIOD = 30  # seconds
MFA_TOTP_TOLERANCE = 1  # steps before and after, for clocks that are a little off
MFA_WEBAUTHN_USER_VERIFICATION = "required"

# -- Requests --------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024  # bytes; for admin. The public form allows itself 64 kB
# Forms within ten minutes: from one address, and from everybody together.
FORM_LIMITS = {
    "address": env.number("CLINIC_FORM_LIMIT_ADDRESS", 12, 1, 1_000_000),
    "everybody": env.number("CLINIC_FORM_LIMIT_EVERYBODY", 600, 1, 1_000_000),
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # an admin list posts one per row
CSRF_FAILURE_VIEW = "clinic_site.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": with it browsers send "Origin: null" with every form, and CSRF refuses them.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# In the shape of Django 6's setting of this name.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "report-uri": ["/csp-report/"],
    "report-to": ["csp"],
}
FIXED_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
        "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
        "payment=(), picture-in-picture=(), publickey-credentials-create=(self), "
        "publickey-credentials-get=(self), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
    ),
    "Reporting-Endpoints": 'csp="/csp-report/"',
}
if IS_PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = True
    # Asked by machines on the loopback address, which do not speak TLS.
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- Numbers for Prometheus -------------------------------------------------------

# Counters of all processes of this service (clinic_site/counters.py); best in memory, for speed.
METRICS_DIR = Path(env.text("CLINIC_METRICS_DIR") or VAR_DIR / "metrics").resolve()
# The library reads it when it is first imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
# Whoever sends it may read /metrics; without one, only this machine may.
METRICS_TOKEN = env.text("CLINIC_METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise env.refuse(
        "CLINIC_METRICS_TOKEN",
        "must have at least 32 characters",
        "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
    )

# -- Logs: one line each on standard error; never what a visitor wrote ------------

LOG_FORMAT = env.choice("CLINIC_LOG_FORMAT", ["text", "json"], "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "clinic_site.log_lines.LineFormatter"},
        "json": {"()": "clinic_site.log_lines.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {
        "handlers": ["console"],
        "level": env.choice(
            "CLINIC_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "INFO"
        ),
    },
}
LOGGING_CONFIG = "logging.config.dictConfig"
