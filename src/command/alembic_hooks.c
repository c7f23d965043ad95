/*
 * Reads the post_write_hooks of alembic.ini.
 *
 * A hook is a program with options, in which REVISION_SCRIPT_FILENAME is the path of the new file. Formatters of Python
 * cannot read cmig's files and would make each new revision fail, so they are left out.
 */
#include "alembic.h"

#define FILENAME "REVISION_SCRIPT_FILENAME"

static bool is_for_python(const char *program)
{
    static const char *const names[] = {"autoflake", "autopep8", "black", "flake8", "isort", "mypy",
        "pyright", "pyupgrade", "ruff", "ruff-format", "yapf"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(fs_basename(program), names[i]))
            return true;
    return false;
}

/* One word at *s as Python's shlex.split() reads it; false: there is none. */
static bool next_word(struct ctx *ctx, const char **s, const char **ret)
{
    struct str word = STR(ctx);
    const char *at = *s + strspn(*s, " \t\n");
    bool is_any = *at;

    for (char quote = 0; *at && (quote || !strchr(" \t\n", *at)); at++) {
        if (quote ? *at == quote : *at == '\'' || *at == '"')
            quote = quote ? 0 : *at;
        else if (*at == '\\' && quote != '\'' && at[1])
            str_addc(&word, *++at);
        else
            str_addc(&word, *at);
    }
    *s = at;
    *ret = str_get(&word);
    return is_any;
}

/* Where the options do not mention the file, it comes first. */
static void add_options(struct ctx *ctx, const char *options, struct strings *words)
{
    const char *word;

    if (!options || !strstr(options, FILENAME))
        vec_add(ctx, words, "{path}");
    while (options && next_word(ctx, &options, &word)) {
        struct str out = STR(ctx);
        for (const char *at; (at = strstr(word, FILENAME)); word = at + strlen(FILENAME))
            str_addf(&out, "%.*s{path}", (int)(at - word), word);
        str_add(&out, word);
        vec_add(ctx, words, str_get(&out));
    }
}

/* %(here)s is the directory of the file, and %% a percent sign. */
static const char *value_of(
    struct ctx *ctx, const struct map *keys, const char *path, const char *name, const char *key)
{
    static const char here[] = "%(here)s";
    const char *text = map_get(keys, ctx_printf(ctx, "%s.%s", name, key));
    struct str out = STR(ctx);

    for (; text && *text; text++) {
        if (str_starts(text, here)) {
            str_add(&out, fs_dirname(&ctx->arena, path));
            text += strlen(here) - 1;
        } else {
            str_addc(&out, *text);
            text += str_starts(text, "%%");
        }
    }
    return text ? str_get(&out) : NULL;
}

/* What names the program, by the type of the hook. */
static const struct {
    const char *type, *key;
} types[] = {
    {"console_scripts", "entrypoint"},
    {"exec", "executable"},
    {"module", "module"},
};

static const char *program_of(
    struct ctx *ctx, const struct map *keys, const char *path, const char *name, bool *ret_module)
{
    const char *type = value_of(ctx, keys, path, name, "type");
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq(type, types[i].type)) {
            *ret_module = str_eq(type, "module");
            return value_of(ctx, keys, path, name, types[i].key);
        }
    return NULL;
}

static void add_hook(
    struct ctx *ctx, const struct map *keys, const char *path, const char *name, struct command_lines *ret)
{
    struct command_line *line = ctx_new(ctx, struct command_line);
    bool is_module = false;
    const char *program = program_of(ctx, keys, path, name, &is_module), *why = NULL;

    if (!program || !*program)
        why = "its type is not known: write it under 'post_write' in cmig.yaml";
    else if (value_of(ctx, keys, path, name, "cwd"))
        why = "it has a working directory: write it under 'post_write' in cmig.yaml";
    else if (is_for_python(program))
        why = "it reads Python only";
    if (why) {
        log_warn(ctx, "post_write_hooks '%s' was not converted: %s", name, why);
        return;
    }
    if (is_module) {
        vec_add(ctx, &line->words, "python3");
        vec_add(ctx, &line->words, "-m");
    }
    vec_add(ctx, &line->words, program);
    add_options(ctx, value_of(ctx, keys, path, name, "options"), &line->words);
    vec_add(ctx, ret, line);
    log_info(ctx, "post_write_hooks '%s' was converted: it now processes the files of cmig", name);
}

void alembic_hooks(struct ctx *ctx, const char *path, const char *text, struct command_lines *ret)
{
    static const char separators[] = ", \t\n";
    struct map keys = MAP(ctx);
    const char *names;

    ini_read(&ctx->arena, text, "post_write_hooks", NULL, &keys);
    names = map_get(&keys, "hooks");
    while (names && *(names += strspn(names, separators))) {
        size_t n = strcspn(names, separators);
        add_hook(ctx, &keys, path, arena_strndup(&ctx->arena, names, n), ret);
        names += n;
    }
}
