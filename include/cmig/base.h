/*
 * The base of all other directories: memory, errors, strings, lists, files and the terminal.
 *
 * There are two kinds of failure. One that a user, a file or a server can cause is added to the error chain of
 * the context, and the function returns false. Impossible states are asserted. Running out of memory ends the
 * process (abort), since nothing useful can be done in a program that only describes schemas.
 */
#pragma once

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ATTR_FORMAT(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_CHECKED __attribute__((warn_unused_result))
#define ATTR_PURE __attribute__((pure))
#define ATTR_UNUSED __attribute__((unused))
#define CLEANUP(f) __attribute__((cleanup(f)))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* ---- memory ------------------------------------------------------------------------------------------ */

struct arena_block;

/* Memory that is freed all at once. A zeroed struct is a valid, empty arena. */
struct arena {
    struct arena_block *block;
    size_t used; /* bytes handed out, over all blocks */
};

/* Zeroed memory, aligned for pointers and 64-bit numbers; never NULL. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));
char *arena_strdup(struct arena *a, const char *s); /* NULL stays NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) ATTR_FORMAT(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) ATTR_FORMAT(2, 0);
void arena_finish(struct arena *a);
void arena_take(
    struct arena *a, struct arena *from); /* keeps all memory of another one, which is then empty */
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* ---- the context ------------------------------------------------------------------------------------- */

/* The exit status of a command, and the kind of an error. The numbers are the exit statuses. */
enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,            /* the message says what was applied */
    STATUS_FOUND = 2,             /* a check found a problem, or the user must decide */
    STATUS_USAGE = 64,            /* wrong usage */
    STATUS_UNKNOWN_REVISION = 65, /* the database is at a revision that has no file */
    STATUS_UNREACHABLE = 69,      /* the database cannot be reached */
    STATUS_TRY_AGAIN = 75,        /* a lock could not be acquired in time */
    STATUS_CONFIG = 78,           /* the configuration, a model or a revision file is invalid */
    STATUS_NOT_EXECUTABLE = 126,  /* the program that is to replace cmig was found but cannot be executed */
    STATUS_NO_PROGRAM = 127,      /* the program was not found */
    STATUS_INTERRUPTED = 130,
    STATUS_TERMINATED = 143,
};

/* A place in a file; line and column count from 1, line 0 means the file as a whole, file NULL nowhere. */
struct pos {
    const char *file;
    unsigned line, column;
};

struct err_frame;

/* An error: a chain of lines, outermost first, and perhaps hints. */
struct err {
    enum status status; /* STATUS_OK: no error */
    struct err_frame *frames;
    struct err_frame *hints;
};

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Receiver of messages and progress. Progress: `done` of `total` in `unit` (total 0: unknown); label NULL ends
 * it. */
struct log {
    void (*message)(void *user, enum log_level level, const char *text);
    void (*progress)(void *user, const char *label, uint64_t done, uint64_t total);
    void *user;
    enum log_level level; /* the most verbose level that is wanted */
};

/* The context of a command; always the first parameter. cmig has no global state. */
struct ctx {
    struct arena arena;
    struct err err;
    struct log log;
    const volatile sig_atomic_t
        *interrupt;  /* the number of the signal that asked to stop, or 0; may be NULL */
    bool quick_exit; /* the process ends after this command: arenas need not be walked */
    const char
        *product; /* the name of the connected server, if its dialect serves several; see dialect_title() */
    struct fs_mount *mounts;
    const char *home;     /* the configuration file if none is named; NULL: the nearest cmig.yaml */
    struct strings *read; /* if set, gets the paths of all files that fs_read() reads */
};

void ctx_finish(struct ctx *ctx);

/* Memory of the command's arena. */
#define ctx_new(ctx, type) arena_new(&(ctx)->arena, type)
char *ctx_strdup(struct ctx *ctx, const char *s); /* NULL stays NULL */
char *ctx_printf(struct ctx *ctx, const char *fmt, ...) ATTR_FORMAT(2, 3);

/* The signal that asked to stop, or 0. Long loops check it regularly. */
int ctx_interrupted(const struct ctx *ctx);

/* ---- errors ------------------------------------------------------------------------------------------ */

/* Each returns false, so that a function can end with `return fail(…)`. Text is copied. While an error is set,
 * a further failure (of a rollback, say) does not hide it: its line becomes the innermost, the status stays. */
bool fail(struct ctx *ctx, enum status status, const char *fmt, ...) ATTR_FORMAT(3, 4);
bool fail_at(struct ctx *ctx, enum status status, struct pos pos, const char *fmt, ...) ATTR_FORMAT(4, 5);
/* Adds a new outermost line: what the failed action was part of. An error must be set. */
bool fail_in(struct ctx *ctx, const char *fmt, ...) ATTR_FORMAT(2, 3);
/* A remedy, a whole sentence. An error must be set. */
bool fail_hint(struct ctx *ctx, const char *fmt, ...) ATTR_FORMAT(2, 3);
/* Adds an innermost line, for further details of a server's message. An error must be set. */
bool fail_detail(struct ctx *ctx, const char *fmt, ...) ATTR_FORMAT(2, 3);
/* Fails with the interruption's status; for the function that checked ctx_interrupted(). */
bool fail_interrupted(struct ctx *ctx);
/* Tell the compiler that these functions return false: otherwise it warns about results that a failed function did
 * not write. */
static inline bool fail_false(ATTR_UNUSED bool ignored)
{
    return false;
}
#define fail(...) fail_false(fail(__VA_ARGS__))
#define fail_at(...) fail_false(fail_at(__VA_ARGS__))
#define fail_in(...) fail_false(fail_in(__VA_ARGS__))
#define fail_hint(...) fail_false(fail_hint(__VA_ARGS__))
#define fail_detail(...) fail_false(fail_detail(__VA_ARGS__))
#define fail_interrupted(ctx) fail_false(fail_interrupted(ctx))

/* Forgets the error: it was expected after all. */
void err_clear(struct ctx *ctx);
/* The whole chain as text, a line each, the inner ones indented by two, hints last, without a newline at the
 * end; "" without an error. */
char *err_text(struct ctx *ctx);

/* "file:3:5: ", "file: " or "". */
char *pos_text(struct arena *a, struct pos pos);

void log_message(struct ctx *ctx, enum log_level level, const char *fmt, ...) ATTR_FORMAT(3, 4);
#define log_warn(ctx, ...) log_message((ctx), LOG_WARN, __VA_ARGS__)
#define log_info(ctx, ...) log_message((ctx), LOG_INFO, __VA_ARGS__)
#define log_debug(ctx, ...) log_message((ctx), LOG_DEBUG, __VA_ARGS__)
void log_progress(struct ctx *ctx, const char *label, uint64_t done, uint64_t total);

/* ---- strings ----------------------------------------------------------------------------------------- */

/* A string that grows, in an arena. Zeroed except for `arena` it is empty; `s` is NULL until something is
 * added. */
struct str {
    struct arena *arena;
    char *s; /* always ended by NUL once there is something */
    size_t n, cap;
};
#define STR(ctx) ((struct str){.arena = &(ctx)->arena})

void str_add(struct str *b, const char *s);
void str_addn(struct str *b, const char *s, size_t n);
void str_addc(struct str *b, char c);
void str_addf(struct str *b, const char *fmt, ...) ATTR_FORMAT(2, 3);
/* As a part of a URI: %41 for each byte but ASCII letters, digits and those of `plain`. */
void str_add_percent(struct str *b, const char *s, const char *plain);
const char *str_get(const struct str *b); /* "" when empty; valid until the next change */

bool str_eq(const char *a, const char *b);    /* NULL equals NULL only */
bool str_eq_ci(const char *a, const char *b); /* ASCII letters of either case are equal */
int str_cmp(const char *a, const char *b);    /* NULL sorts first */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_glob(const char *pattern, const char *s);       /* * ? [abc] as a shell has them */
bool str_utf8(const char *s, size_t n, size_t *ret_bad); /* ret_bad: offset of the first invalid byte */
size_t str_width(const char *s);                         /* code points */
/* The bytes of the character at `s`; 0: it is a control character, which a terminal would obey, or not UTF-8. */
size_t str_printable(const char *s);
/* The bytes of a character that hides itself, or turns the text around it, so that one name looks like another; 0: none. */
size_t str_deceptive(const char *s);
/* A foreign text in one line: any other byte than those is a question mark. */
char *str_plain(struct arena *a, const char *s);
size_t str_columns(
    const char *s); /* of a terminal: combining characters have none, wide ones two, as have most emoji */
/* The first bytes of a text that have at most so many columns. */
size_t str_fit(const char *s, size_t columns);
/* The differences of two texts by lines, as `diff -u` prints them without its header; empty: there are none. */
void str_diff(struct str *out, const char *a, const char *b);
char *str_lower(struct arena *a, const char *s); /* ASCII letters */
char *str_upper(struct arena *a, const char *s);
char *str_trim(struct arena *a, const char *s);
const char *str_shell(
    struct arena *a, const char *s); /* as one word of a shell: in quotes if it needs them */
char *str_hex(struct arena *a, const void *bytes, size_t n); /* "\x00ff" */
/* A foreign text, in which the password of anything that looks like a URL is "***". */
char *str_hide_secrets(struct arena *a, const char *s);
/* The candidate that is nearest to a misspelt word, or NULL if none is similar enough. */
const char *str_nearest(const char *word, const char *const *candidates, size_t n);
/* A word of another tool; tables of them end with a row without a word. */
struct foreign_word {
    const char *word;
    const char *ours; /* cmig's word; NULL: the hint holds everywhere */
    const char *hint; /* a sentence; NULL: the word is enough */
};
/* The first row for this word of which cmig's word is among the candidates, or NULL. */
const struct foreign_word *foreign_find(
    const struct foreign_word *rows, const char *word, const char *const *candidates, size_t n);

/* ---- lists and maps ---------------------------------------------------------------------------------- */

/* A list of pointers or values: struct columns VEC_OF(struct column *). Zeroed it is empty. */
#define VEC_OF(type) \
    { \
        type *v; \
        uint32_t n, cap; \
    }
struct strings VEC_OF(const char *);

void *vec_grow(struct arena *a, void *v, uint32_t *cap, size_t need, size_t size);
#define vec_push(arena_, vec, value) \
    do { \
        if ((vec)->n == (vec)->cap) \
            (vec)->v = vec_grow((arena_), (vec)->v, &(vec)->cap, (vec)->n + 1, sizeof(*(vec)->v)); \
        (vec)->v[(vec)->n++] = (value); \
    } while (0)
#define vec_add(ctx, vec, value) vec_push(&(ctx)->arena, (vec), (value))
#define vec_insert(ctx, vec, at, value) \
    do { \
        size_t at_ = (at); \
        if ((vec)->n == (vec)->cap) \
            (vec)->v = vec_grow(&(ctx)->arena, (vec)->v, &(vec)->cap, (vec)->n + 1, sizeof(*(vec)->v)); \
        memmove(&(vec)->v[at_ + 1], &(vec)->v[at_], ((vec)->n - at_) * sizeof(*(vec)->v)); \
        (vec)->v[at_] = (value); \
        (vec)->n++; \
    } while (0)
#define vec_remove(vec, at) \
    do { \
        size_t at_ = (at); \
        memmove(&(vec)->v[at_], &(vec)->v[at_ + 1], ((vec)->n - at_ - 1) * sizeof(*(vec)->v)); \
        (vec)->n--; \
    } while (0)
/* for (size_t i …) over a list */
#define vec_each(i, vec) for (size_t i = 0; i < (vec)->n; i++)

bool strings_have(const struct strings *list, const char *s);
void strings_forget(struct strings *list, const char *s); /* takes it out, if it is there */
bool strings_eq(const struct strings *a, const struct strings *b);
void strings_sort(struct strings *list);
char *strings_join(struct arena *a, const struct strings *list, const char *separator);

/* Strings to pointers; keys are not copied. Zeroed but for `arena` it is empty. */
struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t n, cap;
};
#define MAP(ctx) ((struct map){.arena = &(ctx)->arena})
void *map_get(const struct map *m, const char *key); /* NULL: not there */
void *map_getn(const struct map *m, const char *key, size_t n);
void map_set(struct map *m, const char *key, void *value); /* replaces */
/* The one stored copy of a string: for text that repeats a lot, such as types. */
const char *map_intern(struct map *m, const char *s, size_t n);
uint32_t hash_bytes(const void *p, size_t n); /* FNV-1a, the same everywhere and for ever */
/* The hash of what `hash` is the hash of, followed by these bytes. */
#define HASH_NOTHING 2166136261u
uint32_t hash_more(uint32_t hash, const void *p, size_t n);

/* ---- pieces of SQL ----------------------------------------------------------------------------------- */

/* Not a parser: SQL text is cut into pieces as databases do it, which is enough to find names and ends of
 * statements. */
enum sql_kind {
    SQL_END,
    SQL_SPACE,
    SQL_COMMENT, /* an unclosed quote or comment ends with the text */
    SQL_STRING,  /* 'it''s' E'\'' $tag$it's$tag$ */
    SQL_QUOTED,  /* "a name" `a name` [a name] */
    SQL_WORD,    /* a bare name, a keyword, or a number */
    SQL_OTHER,   /* one character */
};
/* What there is beside 'strings', "names" and comments. */
enum sql_grammar {
    SQL_ESCAPES = 1 << 0,   /* E'\'' */
    SQL_DOLLARS = 1 << 1,   /* $tag$ … $tag$ */
    SQL_BACKTICKS = 1 << 2, /* `a name` */
    SQL_BRACKETS = 1 << 3,  /* [a name], without quotes in it: an array may have such */
    SQL_NESTED = 1 << 4,    /* comments in comments */
    SQL_RETURNS = 1 << 5,   /* a carriage return ends a comment, too */
    SQL_HASH = 1 << 6,      /* # begins a comment, and -- only with white space after it */
    SQL_BACKSLASH = 1 << 7, /* 'it\'s' */
    SQL_DOUBLE = 1 << 8,    /* "a string" */
    SQL_POSTGRESQL = SQL_ESCAPES | SQL_DOLLARS | SQL_NESTED | SQL_RETURNS,
    SQL_MYSQL = SQL_BACKTICKS | SQL_HASH | SQL_BACKSLASH | SQL_DOUBLE,
    SQL_ANY = SQL_ESCAPES | SQL_DOLLARS | SQL_BACKTICKS, /* where the database is not known */
};
struct sql_piece {
    enum sql_kind kind;
    const char *s; /* within the text */
    size_t n;
};
/* The one that begins at `s`. */
struct sql_piece sql_piece(const char *s, unsigned grammar);
/* Whether it is this bare word, in any case. */
bool sql_piece_is(const struct sql_piece *p, const char *word);
/* Whether it is one of these words, which end with NULL. */
bool sql_piece_is_any(const struct sql_piece *p, const char *const *words);
/* Whether it is this punctuation mark or operator. */
bool sql_piece_is_char(const struct sql_piece *p, char c);
/* A word unchanged; of a quoted name or a string the text between the quotes, with doubled quotes as one. */
const char *sql_piece_text(struct arena *a, const struct sql_piece *p);
/* The first that is neither space nor comment. */
const char *sql_skip_space(const char *s, unsigned grammar);

/* ---- files ------------------------------------------------------------------------------------------- */

enum { FS_TEXT_LIMIT = 16 << 20 }; /* bytes; no file written by hand is larger */

/* A whole file as text, ended by NUL. Fails, with the reason, for directories and files that are unreadable,
 * larger than limit bytes, contain NUL or are not UTF-8. `what` names its role in the message, as in "cannot
 * read model 'x'". */
bool fs_read(struct ctx *ctx, struct arena *a, const char *what, const char *path, size_t limit,
    char **ret_text, size_t *ret_size) ATTR_CHECKED;
/* Writes by a temporary file next to it and rename, so that there is never half a file. Keeps the mode of an
 * existing file and follows links; anything but a file (/dev/stdout) is written to directly. */
bool fs_write(struct ctx *ctx, const char *path, const char *text, size_t size) ATTR_CHECKED;
/* The same without waiting for the disk: for files that can be generated again. */
bool fs_write_generated(struct ctx *ctx, const char *path, const char *text, size_t size) ATTR_CHECKED;
/* As fs_write(), but an existing file is an error. */
bool fs_create(struct ctx *ctx, const char *path, const char *text, size_t size) ATTR_CHECKED;
bool fs_mkdirs(struct ctx *ctx, const char *path) ATTR_CHECKED;
/* On the disk, whatever is mounted. */
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* Opens a file for reading. Only regular files are read: a FIFO may never end, a device has side effects.
 * Descriptors that the process was given open are read as well: /dev/stdin, /dev/fd/N (process substitution),
 * and /dev/null. */
bool fs_open(struct ctx *ctx, const char *what, const char *path, int *ret_fd) ATTR_CHECKED;
/* Whether fs_open would open it, as far as that can be told without opening; otherwise the reason. */
const char *fs_unreadable(struct ctx *ctx, const char *path);
/* Names in a directory, sorted by bytes, without those that begin with a dot. */
bool fs_list(struct ctx *ctx, const char *path, struct strings *ret_names) ATTR_CHECKED;
/* The paths that match a pattern with * ? [abc], sorted within each directory. As in fs_list(), names that begin with a dot
 * are left out. Without a match the list stays as it is. A directory that cannot be listed is an error. */
bool fs_glob(struct ctx *ctx, const char *pattern, struct strings *ret) ATTR_CHECKED;

enum fs_kind { FS_ABSENT, FS_FILE, FS_DIR };
/* What a path leads to, on the disk or in a mount. */
enum fs_kind fs_kind(struct ctx *ctx, const char *path);

/* Files that are not on the disk, but in a commit, say: fs_read(), fs_list(), fs_glob(), fs_kind() and fs_unreadable() find
 * those whose paths begin with the prefix there. What follows the prefix is handed on, without a slash at the beginning. */
struct fs_mount {
    const char *prefix; /* "main:/"; ends with a slash */
    void *data;
    enum fs_kind (*kind)(void *data, const char *path);
    /* Each returns NULL, or why it failed. The text is ended by NUL; the names are in any order. */
    const char *(*read)(void *data, struct arena *a, const char *path, char **ret_text, size_t *ret_size);
    const char *(*list)(void *data, const char *path, struct strings *ret_names);
    struct fs_mount *next;
};
/* The mount belongs to the caller, and must last until it is removed. */
void fs_mount_add(struct ctx *ctx, struct fs_mount *mount);
void fs_mount_remove(struct ctx *ctx, struct fs_mount *mount);
/* Whether a path is in a mount. */
bool fs_is_mounted(struct ctx *ctx, const char *path);
/* A file in memory, whose text need not end with a NUL. The caller keeps both texts as long as the context. */
struct fs_file {
    const char *path; /* "migrations/1f3a.yaml" */
    const char *text;
    size_t size; /* bytes */
};
struct fs_files VEC_OF(struct fs_file);
/* Mounts files, until the context ends. */
void fs_mount_files(struct ctx *ctx, const char *prefix, const struct fs_files *files);
/* `path` as seen from directory `base`, unless it is absolute; cleaned of "." and doubled slashes. */
char *fs_join(struct arena *a, const char *base, const char *path);
/* A relative path without "." and without the ".." that follow a name: what it means where there are no links. "" is the
 * directory itself. */
char *fs_clean(struct arena *a, const char *path);
char *fs_dirname(struct arena *a, const char *path); /* "." when it has no slash */
const char *fs_basename(const char *path);           /* after the last slash that is not at the end */

/* ---- other programs ---------------------------------------------------------------------------------- */

/* A program, found in PATH unless its name has a slash; it uses our terminal. An interruption ends it with
 * SIGTERM. */
struct program {
    const struct strings *words; /* its name first */
    const char *what;            /* its role in a message, as in "cannot run url_command 'x'"; or NULL */
    char *const *env;            /* ended by NULL; NULL: ours */
    const char *folder;          /* where it runs, and what a name with a slash is relative to; NULL: here */
    bool quiet_stdout;           /* its standard output goes to our standard error */
    bool no_input;               /* its standard input is empty, and not ours */
    bool interactive;            /* a person works with it: interruptions are its own */
};
/* *ret_status is its exit status, 128 + n when signal n ended it. */
bool program_run(struct ctx *ctx, const struct program *p, int *ret_status) ATTR_CHECKED;
/* The same; any status but 0 is an error. */
bool program_check(struct ctx *ctx, const struct program *p) ATTR_CHECKED;
/* The same with its standard output, of which little more than `limit` bytes are read. */
bool program_read(
    struct ctx *ctx, const struct program *p, size_t limit, struct str *out, int *ret_status) ATTR_CHECKED;

/* All that it prints on its standard output. An error with STATUS_CONFIG if it fails or prints more than that. */
bool program_output(struct ctx *ctx, const struct program *p, size_t limit, const char **ret) ATTR_CHECKED;

/* Whether such a program is there and may be executed; the error has the status with which a shell ends. */
bool program_find(struct ctx *ctx, const char *name) ATTR_CHECKED;
/* Replaces this process with the program, with default signal handling. Returns only if that fails. */
bool program_exec(struct ctx *ctx, const struct strings *words) ATTR_CHECKED;

/* ---- time and terminal ------------------------------------------------------------------------------- */

uint64_t time_monotonic_us(void);
/* "2026-11-20T10:00:00Z"; $CMIG_NOW (of that form, or seconds since 1970) or $SOURCE_DATE_EPOCH fix it for tests
 * and reproducible builds. */
char *time_now_text(struct arena *a);
/* The same where it is fixed, else NULL. */
char *time_fixed_text(struct arena *a);
/* "60s", "2m", "500ms", "1h" or plain seconds; false for anything else. */
bool time_parse_duration(const char *s, uint64_t *ret_ms);

bool term_is_tty(int fd);
int term_columns(int fd); /* 80 when unknown */
/* A line from standard input, without its newline; the question goes to standard error. False, without an error,
 * at the end of the input or when interrupted. */
bool term_ask(struct ctx *ctx, const char *question, char **ret_answer);
