"""Prints the tables of the project's Django models as SQL. cmig runs this, and sets CMIG_DIALECT."""
import os
import sys

import django

# The module with your settings. The first of its DATABASES that is of the wanted kind is read, never changed: Django
# asks some servers for their version.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

from django.apps import apps
from django.db import connections

dialect = os.environ["CMIG_DIALECT"]
connection = next((c for c in connections.all() if c.vendor == dialect), None)
if connection is None:
    sys.exit("settings.DATABASES has no database for " + dialect)

editor = connection.schema_editor(collect_sql=True)
editor.deferred_sql = []
for model in apps.get_models():
    if model._meta.can_migrate(connection):
        editor.create_model(model)
for statement in editor.deferred_sql:
    editor.execute(statement)
print("\n".join(editor.collected_sql))
