/* Tests of cmig.yaml: finding, merging, expanding and checking. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cmig/config.h"

/* A directory of the test's own, which is the current one, and an environment without our variables. */
struct place {
    struct ctx *ctx;
    char *folder;
    char before[4096];
};

static const char *const variables[] = {
    "CMIG_CONFIG", "DATABASE_URL", "DATABASE_URL_FILE", "FOO", "BAR", "EMPTY", "PGHOST", "PGUSER", "SECRET"};

static struct place enter(struct ctx *ctx)
{
    struct place place = {.ctx = ctx, .folder = unit_tmpdir(ctx)};

    assert_non_null(getcwd(place.before, sizeof(place.before)));
    assert_int_equal(chdir(place.folder), 0);
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
    return place;
}

static void leave(struct place *place)
{
    assert_int_equal(chdir(place->before), 0);
    unit_rmdir(place->ctx, place->folder);
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
}

static void put(struct ctx *ctx, const char *path, const char *text)
{
    assert_ok(ctx, fs_mkdirs(ctx, fs_dirname(&ctx->arena, path)));
    assert_ok(ctx, fs_write(ctx, path, text, strlen(text)));
}

static struct config load(struct ctx *ctx, struct config_request request)
{
    struct config c;

    assert_ok(ctx, config_load(ctx, &request, &c));
    return c;
}

static void refuse(struct ctx *ctx, struct config_request request, const char *message)
{
    struct config c;

    assert_false(config_load(ctx, &request, &c));
    assert_error(ctx, STATUS_CONFIG, message);
}

static void assert_url(struct ctx *ctx, const struct config *c, const char *expected)
{
    const char *url;

    assert_ok(ctx, config_url(ctx, c, &url));
    assert_string_equal(url, expected);
}

/* ---- finding ---- */

static void test_found_above(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;

    put(ctx, "cmig.yaml", "models: [m, /abs]\nmigrations: v\n");
    put(ctx, "a/b/x", "");
    c = load(ctx, (struct config_request){0});
    assert_string_equal(c.path, "cmig.yaml");
    assert_string_equal(c.folder, ".");
    assert_string_equal(c.models.v[0], "m");
    assert_int_equal(chdir("a/b"), 0);
    c = load(ctx, (struct config_request){0});
    assert_string_equal(c.path, "../../cmig.yaml");
    assert_string_equal(c.folder, "../..");
    assert_string_equal(c.models.v[0], "../../m");
    assert_string_equal(c.models.v[1], "/abs");
    assert_string_equal(c.migrations.v[0], "../../v");
    c = load(ctx, (struct config_request){.folder = ".."});
    assert_string_equal(c.path, "../../cmig.yaml");
    leave(&place);
}

static void test_named(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);

    put(ctx, "cmig.yaml", "url: a\n");
    put(ctx, "c/other.yaml", "url: b\n");
    put(ctx, "c/third.yaml", "url: c\n");
    setenv("CMIG_CONFIG", "c/other.yaml", 1);
    assert_string_equal(load(ctx, (struct config_request){0}).url, "b");
    assert_string_equal(load(ctx, (struct config_request){0}).folder, "c");
    assert_string_equal(load(ctx, (struct config_request){.file = "c/third.yaml"}).url, "c");
    setenv("CMIG_CONFIG", "", 1);
    assert_string_equal(load(ctx, (struct config_request){0}).url, "a");
    refuse(ctx, (struct config_request){.file = "none.yaml", .optional = true},
        "cannot read configuration 'none.yaml': no such file");
    refuse(ctx, (struct config_request){.file = "c"}, "cannot read configuration 'c': is a directory");
    leave(&place);
}

static void test_none(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;
    const char *url;

    refuse(ctx, (struct config_request){0},
        "no cmig.yaml here or in a directory above\n"
        "  hint: Run 'cmig init' to create one, or name one with -c FILE.");
    refuse(ctx, (struct config_request){.folder = "/usr"},
        "no cmig.yaml in '/usr' or above it\n"
        "  hint: Run 'cmig init' to create one, or name one with -c FILE.");
    refuse(ctx, (struct config_request){.optional = true, .environment = "test"},
        "unknown environment 'test': there is no cmig.yaml");
    c = load(ctx, (struct config_request){.optional = true});
    assert_null(c.path);
    assert_string_equal(c.folder, ".");
    assert_string_equal(c.models.v[0], "models");
    assert_string_equal(c.migrations.v[0], "migrations");
    assert_string_equal(c.version_table.name.name, "cmig_version");
    assert_null(c.version_table.name.schema);
    assert_string_equal(c.version_table.column, "revision");
    assert_string_equal(c.file_template, "{rev}_{slug}");
    assert_int_equal(c.lock_timeout_ms, 60000);
    assert_int_equal(c.transaction, TRANSACTION_REVISION);
    assert_non_null(c.naming);
    assert_false(c.no_history);
    assert_false(config_url(ctx, &c, &url));
    assert_error(ctx, STATUS_CONFIG,
        "no database was given\n  hint: Set 'url' in cmig.yaml or DATABASE_URL, or use --url.");
    leave(&place);
}

static void test_empty(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;
    const char *url;

    put(ctx, "cmig.yaml", "# nothing yet\n");
    c = load(ctx, (struct config_request){0});
    assert_false(config_url(ctx, &c, &url));
    assert_error(ctx, STATUS_CONFIG,
        "cmig.yaml: no database was given\n"
        "  hint: Set 'url' in cmig.yaml or DATABASE_URL, or use --url.");
    leave(&place);
}

/* ---- values ---- */

static void test_all_keys(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;

    put(ctx, "cmig.yaml",
        "models: models\nmigrations: [a, b]\nrecursive: true\nversion_table: {name: v, schema: s}\n"
        "version_column: id\nhistory: false\nschemas: [public, audit]\nexclude: [\"tmp_*\"]\ninclude: [x]\n"
        "transaction: run\nlock: {timeout: 500ms}\nnaming: {index: \"i_{table}\"}\nfile_template: "
        "\"{slug}\"\n"
        "format: sql\npost_write: [[yamllint, \"{path}\"], [b]]\nurl: postgresql://\n");
    c = load(ctx, (struct config_request){0});
    assert_int_equal(c.migrations.n, 2);
    assert_true(c.recursive);
    assert_string_equal(c.version_table.name.name, "v");
    assert_string_equal(c.version_table.name.schema, "s");
    assert_string_equal(c.version_table.column, "id");
    assert_true(c.no_history);
    assert_string_equal(c.schemas.v[1], "audit");
    assert_int_equal(c.exclude.n + c.include.n, 2);
    assert_int_equal(c.transaction, TRANSACTION_RUN);
    assert_int_equal(c.lock_timeout_ms, 500);
    assert_string_equal(c.naming->index, "i_{table}");
    assert_null(c.naming->unique);
    assert_string_equal(c.file_template, "{slug}");
    assert_int_equal(c.format, 1);
    assert_int_equal(c.post_write.n, 2);
    assert_string_equal(c.post_write.v[0]->words.v[1], "{path}");
    assert_url(ctx, &c, "postgresql://");
    assert_int_equal(c.url_pos.line, 16);
    assert_int_equal(c.url_pos.column, 6);
    put(ctx, "cmig.yaml", "version_table: audit.v\nlock: 2m\nhistory: true\n");
    c = load(ctx, (struct config_request){0});
    assert_string_equal(c.version_table.name.schema, "audit");
    assert_int_equal(c.lock_timeout_ms, 120000);
    assert_int_equal(c.table_timeout_ms, 2000);
    assert_int_equal(c.lock_retry_for_ms, 60000);
    assert_int_equal(c.lock_retries, -1);
    assert_false(c.no_history);
    put(ctx, "cmig.yaml", "lock: {table: 1s, retry_for: 5m}\n");
    c = load(ctx, (struct config_request){0});
    assert_int_equal(c.table_timeout_ms, 1000);
    assert_int_equal(c.lock_retry_for_ms, 300000);
    assert_int_equal(c.lock_retries, -1);
    /* A number of retries alone is the only limit. */
    put(ctx, "cmig.yaml", "lock: {retries: 3}\n");
    c = load(ctx, (struct config_request){0});
    assert_int_equal(c.lock_retries, 3);
    assert_true(c.lock_retry_for_ms > UINT32_MAX);
    put(ctx, "cmig.yaml", "lock: {retries: 0, retry_for: 0s}\n");
    c = load(ctx, (struct config_request){0});
    assert_int_equal(c.lock_retries, 0);
    assert_int_equal(c.lock_retry_for_ms, 0);
    leave(&place);
}

static void test_refused(void **state)
{
    static const char duration_hint[] =
        "\n  hint: Write a whole number followed by ms, s, m or h, such as 60s.";
    static const struct {
        const char *yaml, *message, *hint;
    } cases[] = {
        {"[a]", "cmig.yaml:1:1: configuration: expected a mapping, found a list", ""},
        {"modles: a", "cmig.yaml:1:1: unknown key 'modles' in configuration",
            "\n  hint: Did you mean 'models'?"},
        {"lock: {timeout: soon}", "cmig.yaml:1:17: invalid duration 'soon'", duration_hint},
        {"lock: 5 minutes", "cmig.yaml:1:7: invalid duration '5 minutes'", duration_hint},
        {"lock: {retry_for: soon}", "cmig.yaml:1:19: invalid duration 'soon'", duration_hint},
        {"lock: {timeuot: 1s}", "cmig.yaml:1:8: unknown key 'timeuot' in lock",
            "\n  hint: Did you mean 'timeout'?"},
        {"transaction: revisions", "cmig.yaml:1:14: key 'transaction': unknown word 'revisions'",
            "\n  hint: Did you mean 'revision'?"},
        {"history: maybe", "cmig.yaml:1:10: key 'history': expected true or false, found 'maybe'", ""},
        {"version_table: [a]", "cmig.yaml:1:16: expected a name, found a list", ""},
        {"version_table: {nam: a}", "cmig.yaml:1:17: unknown key 'nam' in version_table",
            "\n  hint: Did you mean 'name'?"},
        {"post_write: [[]]", "cmig.yaml:1:14: a command has at least the program's name", ""},
        {"hooks: {before_run: {}}", "cmig.yaml:1:21: a hook must be a program, or have 'sql' or 'file'", ""},
        {"post_write: yamllint", "cmig.yaml:1:13: key 'post_write': expected a list, found 'yamllint'", ""},
        {"url: a\nurl_command: [b]", "cmig.yaml:1:6: either 'url' or 'url_command', not both", ""},
        {"environments: [a]", "cmig.yaml:1:15: key 'environments': expected a mapping by name, found a list",
            ""},
        {"environments: {a: 1}", "cmig.yaml:1:19: environment 'a': expected a mapping, found '1'", ""},
        {"environments: {a: 'postgresql://u:secret@h'}",
            "cmig.yaml:1:19: environment 'a': expected a mapping, found a URL", ""},
        {"environments: {a: {modles: 1}}", "cmig.yaml:1:20: unknown key 'modles' in configuration",
            "\n  hint: Did you mean 'models'?"},
        {"environments: {a: {environments: {}}}",
            "cmig.yaml:1:34: environments are allowed only at the top level", ""},
        {"url: ${FOO}", "cmig.yaml:1:6: variable 'FOO' is not set",
            "\n  hint: Set it, or give a default: ${FOO:-default}."},
        {"url: \"a${FOO}\"", "cmig.yaml:1:8: variable 'FOO' is not set",
            "\n  hint: Set it, or give a default: ${FOO:-default}."},
        {"models: [a, '\xc3\xa9${FOO}']", "cmig.yaml:1:15: variable 'FOO' is not set",
            "\n  hint: Set it, or give a default: ${FOO:-default}."},
        {"url: |\n  a\n  ${FOO}", "cmig.yaml:1:6: variable 'FOO' is not set",
            "\n  hint: Set it, or give a default: ${FOO:-default}."},
        {"url: ${FOO:?give the database's URL}",
            "cmig.yaml:1:6: variable 'FOO' is not set: give the database's URL", ""},
        {"url: ${EMPTY:?}", "cmig.yaml:1:6: variable 'EMPTY' is not set",
            "\n  hint: Set it, or give a default: ${EMPTY:-default}."},
        {"url: ${FOO:-${BAR}}", "cmig.yaml:1:13: variable 'BAR' is not set",
            "\n  hint: Set it, or give a default: ${BAR:-default}."},
        {"url: ${FOO", "cmig.yaml:1:6: '${' is never closed by '}'", ""},
        {"url: ${FOO:+x}", "cmig.yaml:1:6: unknown form '${FOO...}'",
            "\n  hint: Use ${VAR}, ${VAR:-default}, ${VAR:?message}, ${file:PATH} or ${x:key}; write a "
            "literal '${' as '$${'."},
        {"url: ${}", "cmig.yaml:1:6: unknown form '${...}'",
            "\n  hint: Use ${VAR}, ${VAR:-default}, ${VAR:?message}, ${file:PATH} or ${x:key}; write a "
            "literal '${' as '$${'."},
        {"url: ${x:tenant}", "cmig.yaml:1:6: no '-x tenant=...' was given",
            "\n  hint: Give it, or a default: ${x:tenant:-default}."},
        {"url: ${x:tenant:?which}", "cmig.yaml:1:6: option -x 'tenant' is not set: which", ""},
        {"url: x${file:/nowhere/url}", "cmig.yaml:1:7: cannot expand ${file:/nowhere/url}",
            "\n  cannot read file '/nowhere/url': no such file"},
    };
    struct ctx *ctx = *state;
    struct place place = enter(ctx);

    setenv("EMPTY", "", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put(ctx, "cmig.yaml", cases[i].yaml);
        refuse(ctx, (struct config_request){0}, ctx_printf(ctx, "%s%s", cases[i].message, cases[i].hint));
    }
    leave(&place);
}

static void test_expanded(void **state)
{
    static const struct {
        const char *text, *expanded;
    } cases[] = {
        {"${FOO}", "foo"},
        {"a${FOO}b${FOO}", "afoobfoo"},
        {"${BAR:-sqlite:///app.db}", "sqlite:///app.db"},
        {"${EMPTY:-x}", "x"},
        {"a${EMPTY}b", "ab"},
        {"${FOO:?why}", "foo"},
        {"${BAR:-${FOO}}", "foo"},
        {"${BAR:-a${FOO:-b}c}", "afooc"},
        {"${BAR:-}a", "a"},
        {"$${FOO}", "${FOO}"},
        {"$FOO $ {", "$FOO $ {"},
        {"${file:secret}", "s3cret"},
        {"postgresql://u:${file:secret}@h/d", "postgresql://u:s3cret@h/d"},
        {"${x:tenant}", "t=2"},
        {"${x:none:-d}", "d"},
    };
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct strings x = {0};
    struct config c;

    vec_add(ctx, &x, "tenant=t1");
    vec_add(ctx, &x, "tenant=t=2");
    setenv("FOO", "foo", 1);
    setenv("EMPTY", "", 1);
    put(ctx, "secret", "s3cret\r\n\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put(ctx, "cmig.yaml", ctx_printf(ctx, "url: '%s'\nexclude: ['%s']", cases[i].text, cases[i].text));
        c = load(ctx, (struct config_request){.x = &x});
        assert_string_equal(c.url, cases[i].expanded);
        assert_string_equal(c.exclude.v[0], cases[i].expanded);
    }
    /* An expanded value without quotes is parsed as if it had been written there. */
    setenv("FOO", "true", 1);
    put(ctx, "cmig.yaml", "recursive: ${FOO}\nlock: {timeout: '${BAR:-5s}'}\n");
    c = load(ctx, (struct config_request){0});
    assert_true(c.recursive);
    assert_int_equal(c.lock_timeout_ms, 5000);
    leave(&place);
}

/* A shared value is expanded once per use, not twice in a row. */
static void test_expanded_alias(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;

    put(ctx, "cmig.yaml", "models: &m ['$${FOO}']\nmigrations: *m\n");
    c = load(ctx, (struct config_request){0});
    assert_string_equal(c.models.v[0], "${FOO}");
    assert_string_equal(c.migrations.v[0], "${FOO}");
    leave(&place);
}

/* ---- environments ---- */

static void test_environments(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;

    put(ctx, "cmig.yaml",
        "url: sqlite:///dev.db\n"
        "models: [a, b]\n"
        "naming: {index: i, check: c}\n"
        "environments:\n"
        "  production: {url: '${SECRET}', models: [p], naming: {index: p}, lock: 9s}\n"
        "  test:\n");
    c = load(ctx, (struct config_request){0}); /* $SECRET is not missed */
    assert_url(ctx, &c, "sqlite:///dev.db");
    c = load(ctx, (struct config_request){.environment = "test"});
    assert_url(ctx, &c, "sqlite:///dev.db");
    setenv("SECRET", "postgresql://prod", 1);
    c = load(ctx, (struct config_request){.environment = "production"});
    assert_url(ctx, &c, "postgresql://prod");
    assert_int_equal(c.url_pos.line, 5);
    assert_int_equal(c.models.n, 1);
    assert_string_equal(c.naming->index, "p");
    assert_string_equal(c.naming->check, "c");
    assert_int_equal(c.lock_timeout_ms, 9000);
    refuse(ctx, (struct config_request){.environment = "prodution"},
        "cmig.yaml:5:3: unknown environment 'prodution'\n  hint: Did you mean 'production'?");
    refuse(ctx, (struct config_request){.environment = "staging"},
        "cmig.yaml:5:3: unknown environment 'staging'\n  hint: Expected one of 'production' or 'test'.");
    put(ctx, "cmig.yaml", "url: x\nenvironments:\n");
    assert_string_equal(load(ctx, (struct config_request){0}).url, "x");
    refuse(ctx, (struct config_request){.environment = "staging"},
        "cmig.yaml: unknown environment 'staging'\n"
        "  hint: Define it under 'environments' in the configuration, which has none yet.");
    leave(&place);
}

/* ---- where the URL comes from ---- */

static void test_url(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;

    put(ctx, "cmig.yaml", "models: a\n");
    put(ctx, "secret", "postgresql://file\n");
    setenv("DATABASE_URL_FILE", "secret", 1);
    c = load(ctx, (struct config_request){0});
    assert_url(ctx, &c, "postgresql://file");
    assert_null(c.url_pos.file);
    setenv("DATABASE_URL", "postgresql://variable", 1);
    c = load(ctx, (struct config_request){0});
    assert_url(ctx, &c, "postgresql://variable");
    put(ctx, "cmig.yaml", "url: ${BAR:-}\n"); /* an empty value counts as none */
    c = load(ctx, (struct config_request){0});
    assert_url(ctx, &c, "postgresql://variable");
    put(ctx, "cmig.yaml", "url: sqlite://\n");
    c = load(ctx, (struct config_request){0});
    assert_url(ctx, &c, "sqlite://");
    put(ctx, "cmig.yaml",
        "url: ${BAR:?no}\nurl_command: ['${BAR}']\n"); /* --url overrides both, and expands neither */
    c = load(ctx, (struct config_request){.url = "sqlite:///x"});
    assert_url(ctx, &c, "sqlite:///x");
    unsetenv("DATABASE_URL");
    setenv("DATABASE_URL_FILE", "/nowhere/url", 1);
    put(ctx, "cmig.yaml", "models: a\n");
    refuse(ctx, (struct config_request){0}, "cannot read DATABASE_URL_FILE '/nowhere/url': no such file");
    leave(&place);
}

static void test_models(void **state)
{
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c, other;

    put(ctx, "a/cmig.yaml",
        "models: [m, 'sqlite:///x.db', {program: [./p, b], format: yaml}, {url: 'sqlite:///${FOO:-y}.db'}]\n");
    c = load(ctx, (struct config_request){.file = "a/cmig.yaml"});
    assert_int_equal(c.models.n, 1);
    assert_string_equal(c.models.v[0], "a/m");
    assert_int_equal(c.model_sources.n, 3);
    assert_string_equal(c.model_sources.v[0]->url, "sqlite:///x.db");
    assert_int_equal(c.model_sources.v[0]->pos.column, 13);
    assert_int_equal(c.model_sources.v[1]->program.n, 2);
    assert_string_equal(c.model_sources.v[1]->program.v[0], "./p"); /* seen from the file's directory */
    assert_int_equal(c.model_sources.v[1]->format, MODEL_FORMAT_YAML);
    assert_string_equal(c.model_sources.v[2]->url, "sqlite:///y.db");
    assert_true(config_same_models(&c, &c));
    put(ctx, "b/cmig.yaml", "models: {program: p}\n");
    other = load(ctx, (struct config_request){.file = "b/cmig.yaml"});
    assert_int_equal(other.models.n, 0); /* no default beside a program */
    assert_int_equal(other.model_sources.v[0]->format, MODEL_FORMAT_SQL);
    assert_false(config_same_models(&c, &other));
    leave(&place);
}

static void test_url_command(void **state)
{
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"[sh, -c, 'echo x; exit 3']", "url_command 'sh' failed with exit status 3"},
        {"[sh, -c, 'kill -9 $$']", "url_command 'sh' was killed by signal 9"},
        {"['true']", "url_command 'true' prints nothing"},
        {"[sh, -c, 'echo a; echo b']", "url_command 'sh' prints more than one line"},
        {"[sh, -c, 'yes | head -c 1000000']", "url_command 'sh' prints more than 65536 bytes"},
    };
    struct ctx *ctx = *state;
    struct place place = enter(ctx);
    struct config c;
    const char *url;

    put(ctx, "cmig.yaml", "url_command: [printf, 'postgresql://%s\\n', 'a b;$HOME']\n");
    c = load(ctx, (struct config_request){0});
    assert_null(c.url);
    assert_url(ctx, &c, "postgresql://a b;$HOME"); /* no shell */
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put(ctx, "cmig.yaml", ctx_printf(ctx, "url_command: %s\n", cases[i].words));
        c = load(ctx, (struct config_request){0});
        assert_false(config_url(ctx, &c, &url));
        assert_error(ctx, STATUS_CONFIG, cases[i].message);
    }
    put(ctx, "cmig.yaml", "url_command: [cmig-no-such-program]\n");
    c = load(ctx, (struct config_request){0});
    assert_false(config_url(ctx, &c, &url));
    if (strstr(err_text(ctx), "status 127")) /* all that posix_spawn can say under valgrind */
        err_clear(ctx);
    else
        assert_error(ctx, STATUS_CONFIG, "cannot run url_command 'cmig-no-such-program': no such program");
    leave(&place);
}

/* ---- .env ---- */

static void test_env_file(void **state)
{
    static const struct {
        const char *line, *value;
    } cases[] = {
        {"FOO=bar", "bar"},
        {"FOO=bar # comment", "bar"},
        {"FOO=bar#no", "bar#no"},
        {"FOO=#comment", ""},
        {"FOO=", ""},
        {"  export FOO = a b \t\r", "a b"},
        {"export\tFOO=x", "x"},
        {"FOO='a b' # c", "a b"},
        {"FOO='a\\n$BAR'", "a\\n$BAR"},
        {"FOO=\"a\\n\\t\\\"\\\\\\$x\"", "a\n\t\"\\$x"},
        {"FOO=\"two\nlines\"", "two\nlines"},
        {"FOO=$(rm -rf x)`y`${z}", "$(rm -rf x)`y`${z}"},
        {"FOO=a\nFOO=b", "b"},
        {"# comment\n\nexportFOO=z\nFOO=q", "q"},
    };
    struct ctx *ctx = *state;
    struct place place = enter(ctx);

    put(ctx, "cmig.yaml", "url: '<${FOO}>'\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put(ctx, ".env", cases[i].line);
        assert_string_equal(
            load(ctx, (struct config_request){0}).url, ctx_printf(ctx, "<%s>", cases[i].value));
    }
    setenv("FOO", "process", 1); /* the environment of the process overrides the file */
    assert_string_equal(load(ctx, (struct config_request){0}).url, "<process>");
    unsetenv("FOO");
    refuse(ctx, (struct config_request){.no_env_file = true},
        "cmig.yaml:1:8: variable 'FOO' is not set\n  hint: Set it, or give a default: ${FOO:-default}.");
    put(ctx, ".env", "PGHOST=h\nPGUSER=u\nDATABASE_URL=postgresql://\nBAR=1\n");
    put(ctx, "cmig.yaml", "models: a\n");
    setenv("PGUSER", "set", 1);
    assert_string_equal(load(ctx, (struct config_request){0}).url, "postgresql://");
    assert_string_equal(getenv("PGHOST"), "h");
    assert_string_equal(getenv("PGUSER"), "set");
    assert_null(getenv("BAR"));
    leave(&place);
}

static void test_env_file_refused(void **state)
{
    static const char hint[] =
        "\n  hint: Write KEY=VALUE on each line, or use --no-env-file to ignore the file.";
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"A=1\nFOO\n", ".env:2: no '=' after 'FOO'"},
        {"A=1\r\n1A=2\n", ".env:2: no variable name at the start of the line"},
        {"A='x\ny\n", ".env:1: the quote is never closed"},
        {"A='x\ny' z\n", ".env:2: text after the closing quote"},
    };
    struct ctx *ctx = *state;
    struct place place = enter(ctx);

    put(ctx, "cmig.yaml", "models: a\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put(ctx, ".env", cases[i].text);
        refuse(ctx, (struct config_request){0}, ctx_printf(ctx, "%s%s", cases[i].message, hint));
        assert_null(load(ctx, (struct config_request){.no_env_file = true}).url);
    }
    put(ctx, ".env", "A=\xff");
    refuse(ctx, (struct config_request){0},
        "cannot read environment file '.env': not UTF-8: byte 0xff in line 1, column 3");
    leave(&place);
}

/* Every key has a description. */
static void test_documented(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = record_json_schema(&ctx->arena, &config_record, "cmig.yaml");

    for (const struct field *f = config_record.fields; f->key; f++)
        assert_non_null(f->doc);
    n = node_get(node_get(n, "$defs"), "configuration");
    n = node_get(node_get(n, "properties"), "environments");
    assert_string_equal(
        node_get(node_get(n, "additionalProperties"), "$ref")->scalar, "#/$defs/configuration");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_found_above),
        ctx_test(test_named),
        ctx_test(test_none),
        ctx_test(test_empty),
        ctx_test(test_all_keys),
        ctx_test(test_refused),
        ctx_test(test_expanded),
        ctx_test(test_expanded_alias),
        ctx_test(test_environments),
        ctx_test(test_url),
        ctx_test(test_models),
        ctx_test(test_url_command),
        ctx_test(test_env_file),
        ctx_test(test_env_file_refused),
        ctx_test(test_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
