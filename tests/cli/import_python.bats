#!/usr/bin/env bats
# Importing the migrations of Alembic and Django, which are programs.
load helper

python_url() {
    case $DATABASE in
    sqlite) echo "sqlite:///$FILE" ;;
    postgresql) echo "postgresql+psycopg2:${URL#*:}" ;;
    mysql) echo "mysql+pymysql:${URL#*:}?charset=utf8mb4" ;;
    esac
}

alembic() {
    sed -i "s|^sqlalchemy.url = .*|sqlalchemy.url = $(python_url)|" alembic.ini
    /usr/bin/python3 -m alembic.config "$@" 2>"$BATS_TEST_TMPDIR/alembic.err" || {
        cat "$BATS_TEST_TMPDIR/alembic.err"
        return 1
    }
}

python_file() { # NAME, text from standard input
    { printf 'from alembic import op\nimport sqlalchemy as sa\n' && cat; } >"alembic/versions/$1.py"
}

alembic_project() {
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/alembic-XXXX")
    cd "$PROJECT"
    /usr/bin/python3 -m alembic.config init alembic >/dev/null
    python_file 1a <<'PY'
revision = "1a"
down_revision = None
branch_labels = ("core",)
def upgrade():
    users = op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("email", sa.String(80), nullable=False), sa.Column("kind", sa.Enum("a", "b", name="kind")))
    op.bulk_insert(users, [{"id": 1, "email": "it's 100% \\ ok;", "kind": "a"}, {"id": 2, "email": "-- ü?", "kind": None}])
def downgrade():
    op.drop_table("users")
    sa.Enum(name="kind").drop(op.get_bind(), checkfirst=True)
PY
    python_file 2b <<'PY'
revision = "2b"
down_revision = "1a"
def upgrade():
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("age", sa.Integer(), nullable=False, server_default="0"))
        batch.alter_column("email", existing_type=sa.String(80), type_=sa.String(100), existing_nullable=False)
    bind = op.get_bind()
    if not sa.inspect(bind).has_table("logs"):
        op.create_table("logs", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False), sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id")))
def downgrade():
    op.drop_table("logs")
    with op.batch_alter_table("users") as batch:
        batch.drop_column("age")
        batch.alter_column("email", existing_type=sa.String(100), type_=sa.String(80), existing_nullable=False)
PY
    python_file 3c <<'PY'
revision = "3c"
down_revision = "1a"
depends_on = "2b"
def upgrade():
    op.execute("UPDATE users SET age = 5 WHERE id = 1")
def downgrade():
    raise NotImplementedError("no way back")
PY
    python_file 4d <<'PY'
revision = "4d"
down_revision = ("2b", "3c")
def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            op.create_index("users_email", "users", ["email"], postgresql_concurrently=True)
    else:
        op.create_index("users_email", "users", ["email"])
def downgrade():
    op.drop_index("users_email", "users")
PY
    python_file 5e <<'PY'
revision = "5e"
down_revision = None
branch_labels = ["plug"]
def upgrade():
    bind = op.get_bind()
    op.create_table("plugs", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False))
    for row in bind.execute(sa.text("SELECT id FROM plugs")):
        bind.execute(sa.text("UPDATE plugs SET id = :a WHERE id = :b"), {"a": row[0] + 1, "b": row[0]})
def downgrade():
    op.drop_table("plugs")
PY
}

alembic_content() {
    sql "DROP TABLE IF EXISTS alembic_version"
    sql "DROP TABLE IF EXISTS alembic_version_history"
    sql "DROP TABLE IF EXISTS alembic_version_progress"
    dump
    sql "SELECT * FROM users ORDER BY id"
}

@test "Alembic" {
    for database in $DATABASES; do
        database "$database"
        alembic_project
        alembic upgrade heads
        wanted=$(alembic_content)
        database "$database"
        export DATABASE_URL=$URL
        alembic upgrade 1a
        ok import --python /usr/bin/python3
        says "warning: 5e: reads rows in Python" "3c: its downgrade fails and was not recorded: NotImplementedError: no way back" \
            "5 revisions ran in a scratch database"
        prints migrations/1a.sql migrations/4d.sql
        [[ $(<migrations/3c.sql) == *"-- down_revision: 1a"*"-- depends_on: [2b]"* && $(<migrations/3c.sql) != *"-- downgrade"* ]]
        grep -qF -- '-- down_revision: [2b, 3c]' migrations/4d.sql
        [ "$database" != postgresql ] || grep -qF -- '-- transaction: false' migrations/4d.sql
        ok current
        [[ $out == *1a*core* ]]
        ok upgrade heads
        ok check
        same "$(alembic_content)" "$wanted"
        ok heads
        prints "4d" "5e (plug)"
        # A database that Alembic brought to its heads, and one that is new.
        database "$database"
        export DATABASE_URL=$URL
        alembic upgrade heads
        ok upgrade heads
        says "nothing to do"
        ok downgrade plug@base
        database "$database"
        export DATABASE_URL=$URL
        ok upgrade heads
        same "$(alembic_content)" "$wanted"
    done
}

@test "Alembic: operations" {
    for database in $DATABASES; do
        database "$database"
        alembic_project
        python_file 1a <<'PY'
revision = "1a"
down_revision = None
def upgrade():
    op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(80), nullable=False, unique=True), sa.Column("score", sa.Numeric(8, 2)),
        sa.Column("at", sa.DateTime(), server_default=sa.func.now()), sa.Column("n", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table("posts", sa.Column("id", sa.BigInteger(), autoincrement=False), sa.Column("user_id", sa.Integer()), sa.Column("title", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="posts_pk"), sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="posts_user", ondelete="CASCADE"),
        sa.CheckConstraint("user_id > 0", name="posts_positive"))
def downgrade():
    op.drop_table("posts")
    op.drop_table("users")
PY
        python_file 2b <<'PY'
revision = "2b"
down_revision = "1a"
def upgrade():
    op.add_column("users", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.text("'1'") if op.get_bind().dialect.name != "postgresql" else sa.text("true")))
    op.create_index("users_n", "users", ["n", "email"])
    op.execute("UPDATE users SET n = 5")
    with op.batch_alter_table("posts") as batch:
        batch.add_column(sa.Column("slug", sa.String(20)))
        batch.alter_column("title", existing_type=sa.Text(), nullable=True, new_column_name="headline")
    op.rename_table("posts", "articles")
def downgrade():
    op.rename_table("articles", "posts")
    with op.batch_alter_table("posts") as batch:
        batch.alter_column("headline", existing_type=sa.Text(), nullable=True, new_column_name="title")
        batch.drop_column("slug")
    op.drop_index("users_n", table_name="users")
    with op.batch_alter_table("users") as batch:
        batch.drop_column("active")
PY
        rm alembic/versions/[345]*
        alembic upgrade head
        export DATABASE_URL=$URL
        ok import --python /usr/bin/python3 --operations
        [[ $err != *"would not do the same"* ]]
        prints migrations/1a.yaml migrations/2b.yaml
        grep -qF 'create_table:' migrations/1a.yaml
        grep -qF 'execute: UPDATE users SET n = 5;' migrations/2b.yaml
        ok check
        ok verify
    done
}

@test "Alembic: errors of its own" {
    database sqlite
    alembic_project
    fails 64 import --from alembic alembic.ini
    says "import needs a database"
    export DATABASE_URL=$URL
    printf 'revision = "6f"\ndown_revision = "4d"\ndef upgrade():\n    raise ValueError("broken")\n' >alembic/versions/6f.py
    fails 1 import --python /usr/bin/python3
    says "upgrade of revision 6f failed: ValueError: broken" "cannot record the migrations of Alembic"
    fails 1 import --python /usr/bin/no-python
    says "cannot run '/usr/bin/no-python': no such program"
    [ ! -e cmig.yaml ]
}

@test "Django" {
    [[ $DATABASES == *sqlite* ]] || return 0
    /usr/bin/python3 -c 'import django'
    database sqlite
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/django-XXXX")
    cd "$PROJECT"
    mkdir -p shop/migrations people/migrations
    touch {shop,people}{,/migrations}/__init__.py
    cat >settings.py <<PY
INSTALLED_APPS = ["shop", "people"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": __import__("os").environ.get("FILE", "app.db")}}
SECRET_KEY = "x"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PY
    cat >manage.py <<'PY'
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
PY
    cat >people/migrations/0001_initial.py <<'PY'
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    operations = [migrations.CreateModel("Person", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=50, default="5%"))])]
PY
    cat >shop/migrations/0001_initial.py <<'PY'
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    dependencies = [("people", "0001_initial")]
    operations = [migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True)), ("person", models.ForeignKey("people.Person", models.CASCADE)), ("total", models.IntegerField())])]
PY
    cat >shop/migrations/0002_more.py <<'PY'
from django.db import migrations, models
def fill(apps, editor):
    apps.get_model("people", "Person").objects.create(name="it's 5%")
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AlterUniqueTogether("order", {("person", "total")}),
        migrations.AddField("order", "note", models.TextField(default="a;b")),
        migrations.RunPython(fill),
        migrations.RunSQL("UPDATE shop_order SET note = '%'", migrations.RunSQL.noop),
    ]
PY
    export FILE
    /usr/bin/python3 manage.py migrate -v 0
    wanted=$(dump; sql "SELECT * FROM people_person")
    database sqlite
    export FILE DATABASE_URL=$URL
    /usr/bin/python3 manage.py migrate -v 0 shop 0001
    ok import --python /usr/bin/python3
    says "'manage.py' belongs to Django" "shop.0002_more: runs Python (fill)" "shop.0002_more: its downgrade fails" "stamp -> shop.0001_initial"
    grep -qF -- '-- depends_on: [people.0001_initial]' migrations/shop.0001_initial.sql
    ok upgrade heads
    ok check
    same "$(dump; sql "SELECT * FROM people_person")" "$wanted"
    database sqlite
    export FILE DATABASE_URL=$URL
    /usr/bin/python3 manage.py migrate -v 0
    ok import --from django --stamp
    says "stamp -> shop.0002_more"
}
