/* Tests of the command line: values are stored in their members, and invalid words are rejected. */
#include "unit.h"

#include "cmig/cli.h"

struct globals {
    const char *config;
    int verbose;
    bool quiet, help;
};

struct values {
    const char *message;
    struct strings depends_on;
    uint64_t timeout;
    int when;
    bool autogenerate, hooks, check;
};

static const char *const when_names[] = {"never", "always", NULL};

#define AT(member) offsetof(struct values, member)
static const struct option_spec specs[] = {
    {'m', "message", OPTION_STRING, AT(message), "TEXT", "a message", NULL, NULL},
    {0, "depends-on", OPTION_STRINGS, AT(depends_on), "REVISION", "a dependency", NULL, "revision"},
    {0, "timeout", OPTION_DURATION, AT(timeout), "TIME", "a time", NULL, NULL},
    {0, "when", OPTION_CHOICE, AT(when), "WHEN", "a choice", when_names, NULL},
    {'a', "autogenerate", OPTION_FLAG, AT(autogenerate), NULL, "a flag", NULL, NULL},
    {0, "no-hooks", OPTION_NO, AT(hooks), NULL, "an off switch", NULL, NULL},
    {'c', "check-heads", OPTION_FLAG, AT(check), NULL, "a letter that is a global option, too", NULL, NULL},
    {0},
};
static const struct option_spec global_specs[] = {
    {'c', "config", OPTION_STRING, offsetof(struct globals, config), "FILE", "a file", NULL, "file"},
    {'v', "verbose", OPTION_COUNT, offsetof(struct globals, verbose), NULL, "more", NULL, NULL},
    {'q', "quiet", OPTION_FLAG, offsetof(struct globals, quiet), NULL, "less", NULL, NULL},
    {'h', "help", OPTION_ANSWER, offsetof(struct globals, help), NULL, "help", NULL, NULL},
    {0},
};
static const struct operand_spec any = {"REVISION", "revisions", 0, 0, NULL, NULL};

static struct globals globals;
static struct values values;
static struct strings operands;

static bool parse(struct ctx *ctx, const struct operand_spec *operand, const char *const *words)
{
    const struct option_set sets[] = {{specs, &values, NULL}, {global_specs, &globals, NULL}, {0}};

    values = (struct values){.hooks = true};
    globals = (struct globals){0};
    return options_parse(ctx, sets, operand, (char *const *)words, &operands);
}
#define PARSE(operand, ...) parse(ctx, (operand), (const char *const[]){__VA_ARGS__, NULL})

static void test_values(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(ctx,
        PARSE(NULL, "-m", "add users", "--autogenerate", "--no-hooks", "--timeout=2m", "--when", "always"));
    assert_string_equal(values.message, "add users");
    assert_true(values.autogenerate);
    assert_false(values.hooks);
    assert_int_equal(values.timeout, 120000);
    assert_int_equal(values.when, 1);
}

static void test_letters(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(ctx, PARSE(NULL, "-avvqmtext"));
    assert_true(values.autogenerate);
    assert_int_equal(globals.verbose, 2);
    assert_true(globals.quiet);
    assert_string_equal(values.message, "text");
    assert_ok(ctx, PARSE(NULL, "-m=-2:current"));
    assert_string_equal(values.message, "-2:current");
    assert_ok(ctx, PARSE(NULL, "-m", "-2:current"));
    assert_string_equal(values.message, "-2:current");
}

static void test_spellings(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(ctx, PARSE(NULL, "--depends_on", "a_b", "--depends-on=c"));
    assert_int_equal(values.depends_on.n, 2);
    assert_string_equal(values.depends_on.v[0], "a_b");
    assert_ok(ctx, PARSE(NULL, "--auto", "--conf", "x"));
    assert_true(values.autogenerate);
    assert_string_equal(globals.config, "x");
}

static void test_own_letter_wins(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(ctx, PARSE(NULL, "-c"));
    assert_true(values.check);
    assert_null(globals.config);
}

static void test_operands(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(ctx, PARSE(&any, "-1", "-a", "+2", "-2:head", "-", "--", "--auto", "-a"));
    assert_int_equal(operands.n, 6);
    assert_string_equal(operands.v[0], "-1");
    assert_string_equal(operands.v[2], "-2:head");
    assert_string_equal(operands.v[4], "--auto");
    assert_true(values.autogenerate);
}

static void test_operand_counts(void **state)
{
    static const struct operand_spec one = {"REVISION", "one", 1, 1, NULL, NULL};
    static const struct operand_spec two = {"REVISION", "two", 2, 0, NULL, NULL};
    struct ctx *ctx = *state;

    assert_ok(ctx, PARSE(&one, "a"));
    assert_false(PARSE(&one, "-a"));
    assert_error(ctx, STATUS_USAGE, "REVISION is missing\n  hint: REVISION: one");
    assert_false(PARSE(&two, "a"));
    assert_error(ctx, STATUS_USAGE, "another REVISION is missing\n  hint: REVISION: two");
    assert_false(PARSE(&one, "a", "b"));
    assert_error(ctx, STATUS_USAGE, "unexpected argument 'b'");
    assert_false(PARSE(NULL, "a"));
    assert_error(ctx, STATUS_USAGE, "unexpected argument 'a'");
}

static void test_help_needs_nothing_else(void **state)
{
    static const struct operand_spec one = {"REVISION", "one", 1, 1, NULL, NULL};
    struct ctx *ctx = *state;

    assert_ok(ctx, PARSE(&one, "--help", "--nonsense"));
    assert_true(globals.help);
}

static void test_errors(void **state)
{
    struct ctx *ctx = *state;

    assert_false(PARSE(NULL, "--mesage", "x"));
    assert_error(ctx, STATUS_USAGE, "unknown option '--mesage'\n  hint: Did you mean '--message'?");
    assert_false(PARSE(NULL, "--xyzzy"));
    assert_error(ctx, STATUS_USAGE, "unknown option '--xyzzy'");
    assert_false(PARSE(NULL, "-az"));
    assert_error(ctx, STATUS_USAGE, "unknown option '-z'");
    assert_false(PARSE(NULL, "--c"));
    assert_error(ctx, STATUS_USAGE, "ambiguous option '--c': --check-heads or --config");
    assert_false(PARSE(NULL, "-m"));
    assert_error(ctx, STATUS_USAGE, "option '-m' needs a value: TEXT");
    assert_false(PARSE(NULL, "--autogenerate=yes"));
    assert_error(ctx, STATUS_USAGE, "option '--autogenerate' takes no value");
    assert_false(PARSE(NULL, "--timeout", "soon"));
    assert_error(ctx, STATUS_USAGE, "option '--timeout' must be a duration such as 60s or 5m, not 'soon'");
    assert_false(PARSE(NULL, "--when=now"));
    assert_error(ctx, STATUS_USAGE, "option '--when' must be one of never, always, not 'now'");
}

static void test_leading(void **state)
{
    static const char *const words[] = {"-c", "x.yaml", "-v", "upgrade", "--dry-run", NULL};
    const struct option_set sets[] = {{global_specs, &globals, NULL}, {0}};
    struct ctx *ctx = *state;
    char *const *rest;

    globals = (struct globals){0};
    assert_ok(ctx, options_parse_leading(ctx, sets, (char *const *)words, &rest));
    assert_string_equal(globals.config, "x.yaml");
    assert_string_equal(*rest, "upgrade");
}

static void test_help(void **state)
{
    static const struct operand_spec operand = {"REVISION", "where to", 0, 1, NULL, NULL};
    static const struct option_spec few[] = {
        {'m', "message", OPTION_STRING, 0, "TEXT", "a message", NULL, NULL},
        {0, "an-option-with-a-name", OPTION_STRING, 0, "LONG-ARGUMENT", "goes below", NULL, NULL},
        {0},
    };
    static const struct command_spec command = {
        .name = "go", .summary = "Go there", .help = "At once.\n", .options = few, .operand = &operand};
    struct ctx *ctx = *state;
    struct str out = STR(ctx);

    command_help(&out, "cmig", &command);
    assert_string_equal(str_get(&out), "Usage: cmig go [OPTION...] [REVISION]\n"
                                       "\nGo there.\n"
                                       "\nAt once.\n"
                                       "\n  REVISION: where to\n"
                                       "\nOptions:\n"
                                       "  -m, --message TEXT  a message\n"
                                       "      --an-option-with-a-name LONG-ARGUMENT\n"
                                       "                      goes below\n"
                                       "\nRun 'cmig help' for the global options.\n");
}

static void test_completion(void **state)
{
    static const struct command_spec command = {
        .name = "go", .summary = "Go 'there': [now]", .options = specs};
    static const struct command_spec *const commands[] = {&command, NULL};
    struct ctx *ctx = *state;

    for (size_t i = 0; completion_shells[i]; i++) {
        struct str out = STR(ctx);

        completion_script(&out, completion_shells[i], "prog", global_specs, commands);
        for (const struct option_spec *o = specs; o->name; o++)
            assert_non_null(strstr(str_get(&out), o->name));
        assert_non_null(strstr(str_get(&out), "config"));
        assert_non_null(strstr(str_get(&out), "never always"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_values),
        ctx_test(test_letters),
        ctx_test(test_spellings),
        ctx_test(test_own_letter_wins),
        ctx_test(test_operands),
        ctx_test(test_operand_counts),
        ctx_test(test_help_needs_nothing_else),
        ctx_test(test_errors),
        ctx_test(test_leading),
        ctx_test(test_help),
        ctx_test(test_completion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
