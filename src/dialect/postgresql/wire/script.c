/* Splits a user's text into statements, and rejects those that may not run. */
#include "dialect/postgresql/wire/script.h"

#include "dialect/transaction_words.h"

#include <ctype.h>

static const char *skip_space(const char *s)
{
    return sql_skip_space(s, SQL_POSTGRESQL);
}

/* A word: remembered when it is among the first of its statement; counts what an SQL function's body nests. */
static void take_word(const struct sql_piece *p, struct script_part *part, unsigned *depth)
{
    char word[32] = "";
    for (size_t i = 0; i < p->n && i + 1 < sizeof(word); i++)
        word[i] = (char)toupper((unsigned char)p->s[i]);
    size_t used = strlen(part->words);
    part->uses_client |= part->ends_in_way && (str_eq(word, "STDIN") || str_eq(word, "STDOUT"));
    part->copies_in |= part->ends_in_way && str_eq(word, "STDIN") && str_starts(part->words, "COPY");
    part->ends_in_way = str_eq(word, "FROM") || str_eq(word, "TO");
    bool begins_body = str_ends(part->words, "BEGIN") && str_eq(word, "ATOMIC");
    if (used + strlen(word) + 2 < sizeof(part->words))
        snprintf(part->words + used, sizeof(part->words) - used, "%s%s", used ? " " : "", word);
    if (*depth && (str_eq(word, "CASE") || str_eq(word, "BEGIN")))
        ++*depth;
    else if (*depth && str_eq(word, "END"))
        --*depth;
    else if (begins_body || str_eq(word, "ATOMIC"))
        ++*depth;
}

static const char *take_token(const char *s, struct script_part *part, unsigned *depth)
{
    const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
    if (p.kind == SQL_WORD)
        take_word(&p, part, depth);
    return s + p.n;
}

/* The rows of a COPY, which begin on the line after it and end before the line \\. ; returns what is after that line. */
static const char *take_rows(const char *text, const char *s, struct script_part *part)
{
    s += strcspn(s, "\n");
    s += *s == '\n';
    part->data_from = (size_t)(s - text);
    part->data_to = SIZE_MAX;
    while (*s) {
        size_t n = strcspn(s, "\n");
        const char *next = s + n + (s[n] == '\n');
        if (s[0] == '\\' && s[1] == '.' && (n == 2 || (n == 3 && s[2] == '\r'))) {
            part->data_to = (size_t)(s - text);
            return next;
        }
        s = next;
    }
    return s;
}

void script_split(struct arena *a, const char *text, struct script_parts *ret)
{
    struct script_parts parts = {0};
    const char *s = skip_space(text);
    while (*s) {
        struct script_part part = {.from = (size_t)(s - text), .command = SIZE_MAX};
        unsigned depth = 0;
        part.to = part.from;
        while (*s && (*s != ';' || depth)) {
            if (*s == '\\' && part.command == SIZE_MAX)
                part.command = (size_t)(s - text);
            s = take_token(s, &part, &depth);
            part.to = (size_t)(s - text);
            s = skip_space(s);
        }
        if (part.copies_in)
            s = skip_space(take_rows(text, s, &part));
        else if (*s)
            s = skip_space(s + 1);
        if (part.to > part.from)
            vec_push(a, &parts, part);
    }
    *ret = parts;
}

static bool refuse(struct script_problem *ret, size_t at, const char *what, const char *hint)
{
    *ret = (struct script_problem){at, what, hint};
    return false;
}

/* Its two lines, \\restrict and \\unrestrict, keep a dump from running commands of psql. */
static const char *blank_restrictions(struct ctx *ctx, const char *text)
{
    static const char *const lines[] = {"\\restrict ", "\\unrestrict "};
    char *copy = strstr(text, lines[0]) || strstr(text, lines[1]) ? ctx_strdup(ctx, text) : NULL;
    for (size_t k = 0; copy && k < COUNT_OF(lines); k++) {
        for (char *s = copy; (s = strstr(s, lines[k])); s++) {
            struct script_parts parts;
            size_t at = (size_t)(s - copy), end = at + strcspn(s, "\n");
            if (at && s[-1] != '\n')
                continue;
            /* Within quotes or rows it is no command. */
            script_split(&ctx->arena, arena_strndup(&ctx->arena, copy, end), &parts);
            if (parts.n && parts.v[parts.n - 1].from == at)
                script_blank(copy, at, end);
        }
    }
    return copy ? copy : text;
}

const char *script_clean(struct ctx *ctx, const char *text, bool in_transaction)
{
    struct script_words_list list = {0};
    struct script_parts parts;
    text = blank_restrictions(ctx, text);
    if (!in_transaction)
        return text;
    script_split(&ctx->arena, text, &parts);
    vec_each(i, &parts)
        vec_add(ctx, &list,
            ((struct script_words){parts.v[i].from, parts.v[i].to, ctx_strdup(ctx, parts.v[i].words)}));
    return list.n ? script_unwrap(ctx, text, &list) : text;
}

/* Commands of psql, and what a revision has in their place. */
static const char *command_hint(const char *command)
{
    static const struct {
        const char *names[4], *hint;
    } rows[] = {
        {{"connect", "c"},
            "Remove the line: the SQL runs in the database of the command. pg_dump writes it with --create."},
        {{"i", "ir", "include", "include_relative"},
            "Use the operation 'execute' with 'file' in a YAML revision."},
        {{"copy"}, "Use COPY ... FROM stdin with the rows after it, or the operation 'bulk_insert'."},
        {{"set"}, "Write ${x:NAME} in the SQL and give -x NAME=VALUE."},
    };
    size_t n = strcspn(command, " \t\r\n;");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k < COUNT_OF(rows[i].names) && rows[i].names[k]; k++)
            if (strlen(rows[i].names[k]) == n && strncmp(rows[i].names[k], command, n) == 0)
                return rows[i].hint;
    return "Remove the line, or write SQL in its place.";
}

bool script_may_run(
    const char *text, const struct script_parts *parts, bool in_transaction, struct script_problem *ret)
{
    vec_each(i, parts) {
        const struct script_part *part = &parts->v[i];
        if (part->command != SIZE_MAX)
            return refuse(ret, part->command, "it contains a psql command, which the server does not know",
                command_hint(text + part->command + 1));
        if (part->copies_in && part->data_to == SIZE_MAX)
            return refuse(ret, part->from, "the rows of COPY FROM STDIN are not terminated",
                "They begin on the next line and end before a line with '\\.' only; pg_dump --inserts writes "
                "statements.");
        if (part->uses_client && !part->copies_in && str_starts(part->words, "COPY"))
            return refuse(ret, part->from, "COPY TO STDOUT sends rows to psql", NULL);
        if (script_controls_transaction(part->words, in_transaction))
            return refuse(ret, part->from, SCRIPT_CONTROLS_TRANSACTION,
                in_transaction ? SCRIPT_HINT_INSIDE : SCRIPT_HINT_OUTSIDE);
    }
    return true;
}

static bool begins_variable(const char *s)
{
    return *s == ':' &&
           (isalpha((unsigned char)s[1]) || (s[1] && strchr("_'\"{", s[1])) || (unsigned char)s[1] >= 0x80);
}

char *script_for_psql(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    struct script_part part = {0};
    unsigned depth = 0;
    bool open = false, in_comment = false;
    for (const char *s = text, *next; *s; s = next) {
        next = skip_space(s);
        if (next > s) {
            str_addn(&out, s, (size_t)(next - s));
            in_comment = memchr(s, '-', (size_t)(next - s)) != NULL;
            continue;
        }
        in_comment = false;
        open = *s != ';' || depth;
        next = open ? take_token(s, &part, &depth) : s + 1;
        if (!open && part.copies_in)
            next = take_rows(text, s + 1, &part);
        if (!open)
            part = (struct script_part){0};
        if (s[0] == ':' && s[1] == ':')
            next = s + 2;
        str_addn(&out, s, (size_t)(next - s));
        if (begins_variable(s) && next == s + 1)
            str_addc(&out, ' ');
    }
    if (open)
        str_add(&out, in_comment ? "\n;" : ";");
    return ctx_strdup(ctx, str_get(&out));
}

/* By a backslash after the text, which an open quote takes in. */
bool script_is_closed(struct arena *a, const char *text)
{
    struct script_parts parts;
    size_t at = strlen(text) + 2;
    script_split(a, arena_printf(a, "%s\n;\\", text), &parts);
    return parts.n && parts.v[parts.n - 1].command == at;
}

void script_place(const char *text, size_t at, unsigned *ret_line, unsigned *ret_column)
{
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < at && text[i]; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else {
            column += ((unsigned char)text[i] & 0xC0) != 0x80;
        }
    }
    *ret_line = line;
    *ret_column = column;
}

const char *pg_unused_tag(struct ctx *ctx, const char *text)
{
    const char *tag = "$cmig$";
    while (strstr(text, tag))
        tag = ctx_printf(ctx, "%.*s_$", (int)strlen(tag) - 1, tag);
    return tag;
}
