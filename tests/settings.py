"""The real settings, in a place of their own.

pytest-django loads the settings before any conftest, so the environment is set here.
"""

import atexit
import os
import shutil
import tempfile

_var = tempfile.mkdtemp(prefix="clinic-tests-")
atexit.register(shutil.rmtree, _var, ignore_errors=True)

os.environ["VAR_DIR"] = _var
os.environ["CLINIC_PROFILE"] = "local"
os.environ["CLINIC_TIME_ZONE"] = "America/Denver"
for _name in ("CLINIC_EMAIL_URL", "CLINIC_SECRET_KEY", "CLINIC_HOSTS", "CLINIC_URL", "CLINIC_ROLE"):
    os.environ.pop(_name, None)
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
else:
    os.environ.pop("DATABASE_URL", None)

from clinic_site.settings import *  # noqa: E402, F403

STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405  WhiteNoise warns where there is none
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# An undefined variable in a template fails the test that renders it; see tests/conftest.py.

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in production: each thread has a connection and waits for locks of its own.
    DATABASES["default"]["TEST"] = {"NAME": f"{_var}/test.sqlite3"}  # noqa: F405
    # A busy machine may let sixteen threads wait longer for one lock than a visitor would.
    DATABASES["default"]["OPTIONS"] |= {  # noqa: F405
        "timeout": 60,
        "init_command": DATABASES["default"]["OPTIONS"]["init_command"].replace("10000", "60000"),  # noqa: F405
    }
