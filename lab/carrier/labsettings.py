"""karrio's settings, with a SQLite that lets requests wait for each other: by default two that write at once are
answered 500, "database is locked"."""
import os

from karrio.server.settings import *

DATABASES["default"]["OPTIONS"] = {
    "transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"}

if os.environ.get("LAB_FIRST"):
    # Tables straight from the models: seconds instead of minutes of migrations.
    class Nothing(dict):
        def __contains__(self, name):
            return True

        def __getitem__(self, name):
            return None

    MIGRATION_MODULES = Nothing()
    # Without their migrations these models are not found under their default names.
    for name, model in (("ACCESS_TOKEN", "AccessToken"), ("ID_TOKEN", "IDToken"), ("GRANT", "Grant"),
                        ("REFRESH_TOKEN", "RefreshToken")):
        globals()[f"OAUTH2_PROVIDER_{name}_MODEL"] = f"oauth2_provider.{model}"
