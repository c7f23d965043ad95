"""The database comes from SHOP_URL."""
import os
from urllib.parse import unquote, urlsplit

url = urlsplit(os.environ["SHOP_URL"])
DATABASES = {"default": {
    "ENGINE": "django.db.backends." + ("sqlite3" if url.scheme == "sqlite" else url.scheme),
    "NAME": url.path[1:],
    "HOST": url.hostname or "",
    "PORT": url.port or "",
    "USER": unquote(url.username or ""),
    "PASSWORD": unquote(url.password or ""),
}}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.sessions", "shop"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
SECRET_KEY = "for tests"
USE_TZ = True
