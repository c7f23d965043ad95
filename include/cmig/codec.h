/*
 * YAML and JSON to and from C structs, by tables.
 *
 * A record is a struct and a table of its fields. One walker each decodes a YAML tree into it (with
 * positions, unknown and repeated keys and wrong kinds of value refused), encodes it back into a tree,
 * compares two of them, and describes it as a JSON Schema. A tree is printed as YAML or as JSON.
 */
#pragma once

#include "cmig/base.h"

/* ---- trees ------------------------------------------------------------------------------------------- */

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

/* A YAML value. In a mapping v[2i] is a key (always a scalar) and v[2i + 1] its value. Shared by alias. Kept
 * small: a description of thousands of tables has several hundred thousand of them. */
struct node {
    enum node_kind kind;
    unsigned line;
    unsigned column : 29;
    bool grows : 1;        /* made by hand: v has room up to the next power of two */
    bool quoted : 1;       /* scalar: was, or must be, written in quotes: never null, a boolean or a number */
    bool keeps_quotes : 1; /* scalar: printed in quotes although it need not be */
    bool block : 1; /* scalar: printed as a literal block; collection: in block style, not in one line */
    uint8_t shift;   /* scalar that is in one line as it is: 1 plus the columns before its text; else 0 */
    uint16_t indent; /* scalar, of a literal block: blanks before each line of it in the file; else 0 */
    uint32_t n;      /* scalar: bytes; sequence: items; mapping: pairs */
    const char *file;
    union {
        const char *scalar;
        struct node **v;
    };
};

/*
 * Parses one YAML document (an empty one gives *ret_node NULL). Aliases and `<<` merge keys are resolved;
 * repeated keys, tabs in indentation, several documents, more than 64 levels, and aliases that multiply
 * beyond 1,000,000 nodes are errors with their place. The tree lives in `a`, which may be a scratch arena.
 */
bool yaml_parse(struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size,
    struct node **ret_node) ATTR_CHECKED;
/* fs_read and yaml_parse. `what` as for fs_read. */
bool yaml_read(struct ctx *ctx, struct arena *a, const char *what, const char *path,
    struct node **ret_node) ATTR_CHECKED;
/*
 * Parses the top-level mapping of a document only until key `stop` appears at the top level; *ret_node holds
 * the pairs before it (NULL: an empty document). For revision files, whose graph keys come first: one after the
 * stop key is an error. *ret_stopped says whether the key was met.
 */
bool yaml_parse_head(struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size,
    const char *stop, struct node **ret_node, bool *ret_stopped) ATTR_CHECKED;

struct pos node_pos(const struct node *n);
/* A text that a file contains: the place of its first byte, and the columns before each of its later lines. */
struct text_place {
    struct pos pos; /* line 0: not known */
    unsigned indent;
};
/* Of a scalar. Known of literal blocks (|), and of a value in one line. */
struct text_place node_text_place(const struct node *n);
/* The place of the byte at `at` of this text. */
struct pos text_place_at(const struct text_place *place, const char *text, const char *at);
/* The value of a key, or NULL. */
struct node *node_get(const struct node *mapping, const char *key);
bool node_is_null(const struct node *n);           /* absent, empty, ~ or null, unquoted */
bool node_bool(const struct node *n, bool *ret);   /* true or false, unquoted; not YAML 1.1's yes, on, y */
bool node_int(const struct node *n, int64_t *ret); /* a decimal integer, unquoted */
/* An unquoted integer or float that SQL writes in the same way: no leading zeros (01234 is probably a postal
 * code), no 0x, no .inf. */
bool node_is_number(const struct node *n);
/* "a mapping", "a list", "'text'", "null": for messages that say what was found. Never shows a URL. */
const char *node_describe(struct arena *a, const struct node *n);

/* Printed without quotes wherever YAML's syntax allows it: `2026-11-20`, `true` and `12` stay plain. */
struct node *node_scalar(struct arena *a, const char *text);
struct node *node_string(
    struct arena *a, const char *text); /* a string whatever it looks like; NULL gives null */
struct node *node_number(struct arena *a, int64_t n);
struct node *node_boolean(struct arena *a, bool b);
struct node *node_null(struct arena *a);
struct node *node_sequence(struct arena *a);
struct node *node_mapping(struct arena *a);
void node_append(struct arena *a, struct node *sequence, struct node *item);
struct node *node_copy(struct arena *a, const struct node *n); /* with all that is in it */
void node_set(struct arena *a, struct node *mapping, const char *key, struct node *value); /* appends */

/* As YAML, indented by `indent` spaces: block style at the top, flow for what is small, literal blocks for
 * texts of several lines, no folding. Every line ends with a newline. UTF-8 text is read back unchanged. */
void node_yaml(struct str *out, const struct node *n, unsigned indent);
struct record;
/* As YAML in one line, for messages. */
void node_flow(struct str *out, const struct node *n);
/* As JSON, in one line or indented by two. Bytes that are not UTF-8 become U+FFFD. */
void node_json(struct str *out, const struct node *n, bool pretty);

/*
 * The text of a YAML file in the form that node_yaml() writes. Comments, single empty lines, anchors and the choice
 * between one line and a block stay. `find_record` names the record of a document, whose keys are then put in order; NULL:
 * they stay. A form that would change the meaning, or lose a comment, is an error.
 */
bool yaml_format(struct ctx *ctx, const char *file, const char *text, size_t size,
    const struct record *(*find_record)(const struct node *root), const char **ret) ATTR_CHECKED;

/* How a tree differs from what it was. A key may contain dots and blanks: the text is for people only. */
struct tree_change {
    struct strings path;  /* keys from the root */
    struct strings parts; /* of a value listed as a whole: its keys `depth` + 2 levels below the root */
    const char *text;     /* "tables.users.columns.name.type is text, and was string(80)" */
    bool is_new;
};
struct tree_changes VEC_OF(struct tree_change *);
/* Adds the differences. A mapping that only one of them has is listed as a whole, "tables.users is new", but its values
 * are if it is less than `depth` levels below the root. `ordered`: the key of mappings whose order counts; NULL: none. */
void node_compare(struct ctx *ctx, const struct node *was, const struct node *is, unsigned depth,
    const char *ordered, struct tree_changes *ret);

/* ---- reports ----------------------------------------------------------------------------------------- */

/* A test case of a report for a CI server. */
struct junit_case {
    const char *group, *name;
    const char *failure; /* in a few words; NULL: it passed, or was skipped */
    const char *type;    /* of the failure; or NULL */
    const char *detail;  /* of the failure */
    const char *skipped; /* why; NULL: it was not */
    uint64_t microseconds;
};
struct junit_cases VEC_OF(struct junit_case);
/* A whole document in JUnit's XML format. */
void junit_add(struct str *out, const char *suite, const struct junit_cases *cases);

/* ---- records ----------------------------------------------------------------------------------------- */

/* Text that may differ by dialect: `t: x` or `t: {default: x, postgresql: y}`. */
struct dtext {
    const char *text;          /* for every dialect not in `by`; NULL: none */
    const struct dtext_by *by; /* ended by dialect NULL; NULL: the same for all */
};
struct dtext_by {
    const char *dialect;
    const char *text;
};
/* NULL: nothing for this dialect. MariaDB uses the text for MySQL if there is none for itself. */
const char *dtext_for(const struct dtext *t, const char *dialect);
/* The same, without the text for every dialect. */
const char *dtext_own(const struct dtext *t, const char *dialect);
bool dtext_is_set(const struct dtext *t);
bool dtext_eq(const struct dtext *a, const struct dtext *b);
/* The dialects that a mapping by dialect may name; ended by NULL. */
extern const char *const dialect_names[];

/* A name that may be qualified. YAML `a.b`, or `"a.b"` in double quotes inside the text when a part has a
 * dot. */
struct qname {
    const char *schema; /* NULL: the default schema of the connection */
    const char *name;
};
bool qname_eq(const struct qname *a, const struct qname *b);
int qname_cmp(const struct qname *a, const struct qname *b);
char *qname_text(struct arena *a, const struct qname *q);
bool qname_parse(struct arena *a, const char *text, struct qname *ret);

enum tri { TRI_UNSET, TRI_FALSE, TRI_TRUE };

enum field_kind {
    FIELD_BOOL,    /* bool */
    FIELD_TRI,     /* enum tri: unset when the key is absent */
    FIELD_INT,     /* int64_t */
    FIELD_STRING,  /* const char *: any scalar as written */
    FIELD_STRINGS, /* struct strings: a list, or a single scalar */
    FIELD_CHOICE,  /* int: index into `names`, a NULL-ended array; an unset optional one is 0 */
    FIELD_DTEXT,   /* struct dtext */
    FIELD_QNAME,   /* struct qname */
    FIELD_RECORD,  /* struct x *: one record */
    FIELD_INLINE,  /* struct x: its fields are among those of the record */
    FIELD_LIST,    /* VEC_OF(struct x *): a list of records */
    FIELD_MAP, /* VEC_OF(struct x *): a mapping from name to record; the first field of the record is the name
                */
    FIELD_NAMED,  /* VEC_OF(struct x *): a mapping as above, or a list whose records may hold their name */
    FIELD_CUSTOM, /* whatever `custom` decodes */
};

enum {
    FIELD_REQUIRED = 1,  /* must be there */
    FIELD_HIDDEN = 2,    /* never encoded (a shorthand, say) */
    FIELD_BLOCK = 4,     /* encoded in block style */
    FIELD_ALWAYS = 8,    /* encoded also when empty, false or zero */
    FIELD_TRUE = 16,     /* FIELD_BOOL whose default is true */
    FIELD_IDENTITY = 32, /* ignored by record_equal (names, positions) */
};

struct record;
struct decoder;

/* A kind of value of its own. */
struct field_custom {
    bool (*decode)(struct decoder *d, const struct node *n, void *value);
    struct node *(*encode)(struct arena *a, const void *value); /* NULL: nothing to write */
    bool (*equal)(const void *a, const void *b);
    const char *json_schema;         /* JSON text; or json_schema_dtext */
    void (*arrange)(struct node *n); /* as record_arrange(); NULL: it stays as it is */
};
extern const char json_schema_dtext[]; /* stands for that of a FIELD_DTEXT */

struct field {
    const char *key;
    const char *doc; /* one sentence, for the JSON Schema and the man pages */
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    const struct record *record;       /* RECORD, INLINE, LIST, MAP, NAMED */
    const char *const *names;          /* CHOICE */
    const struct field_custom *custom; /* CUSTOM */
};

struct record {
    const char *name; /* in messages: "column", "index" */
    size_t size;
    const struct field *fields; /* ended by key NULL */
    ptrdiff_t pos_offset;       /* of a struct pos; -1: none */
    ptrdiff_t
        given_offset; /* of a uint32_t: bit i is set when field i was given; -1: none. When there is one,
                         encode writes exactly the given fields, also empty ones. INLINE counts as one. */
    /* The short form: called with a scalar or a list instead of a mapping; NULL: a mapping is required. */
    bool (*decode_short)(struct decoder *d, const struct node *n, void *object);
    /* The short form of an object that has one, or NULL. */
    struct node *(*encode_short)(struct arena *a, const void *object);
    const char *short_schema; /* JSON Schema of the short form */
    /* Checks and completes what was decoded. */
    bool (*finish)(struct decoder *d, const struct node *n, void *object);
};

struct decoder {
    struct ctx *ctx;     /* strings and objects go to its arena; the tree may be given back afterwards */
    const char *what;    /* the format, for messages: "model", "revision", "configuration" */
    struct map *strings; /* when set, texts are interned here */
    void *user;          /* for the hooks */
};

/* Fills a zeroed object. Unknown keys get a suggestion, wrong kinds of value say what was expected. */
bool record_decode(
    struct decoder *d, const struct record *r, const struct node *n, void *ret_object) ATTR_CHECKED;
/* Whether a mapping has only keys that the record knows, without looking at the values. */
bool record_check_keys(struct decoder *d, const struct record *r, const struct node *n) ATTR_CHECKED;
/* The given fields, in the order of the table; the short form if the record has one for them. */
struct node *record_encode(struct arena *a, const struct record *r, const void *object);
/*
 * Puts the keys of records into the order of their tables, in place. The order of mappings by name and of lists stays. A text
 * that the record reads in the same way without its quotes loses keeps_quotes.
 */
void record_arrange(const struct record *r, struct node *n);
/* Whether two objects are equal, apart from FIELD_IDENTITY fields and positions. */
bool record_equal(const struct record *r, const void *a, const void *b);
/* A JSON Schema (draft 2020-12) of a document of this record. */
struct node *record_json_schema(struct arena *a, const struct record *r, const char *title);

/* fail_at with the node's place, STATUS_CONFIG. */
bool decode_fail(struct decoder *d, const struct node *n, const char *fmt, ...) ATTR_FORMAT(3, 4);
#define decode_fail(...) fail_false(decode_fail(__VA_ARGS__))
/* Adds a hint with the nearest of the known words to the error that is set, or all of them when none is near. */
void decode_suggest(struct decoder *d, const char *word, const char *const *known, size_t n);
/* The scalar as text in the command's arena, interned when the decoder interns; fails on collections and null.
 */
bool decode_string(struct decoder *d, const struct node *n, const char **ret) ATTR_CHECKED;
/* Text that may differ by dialect, as a FIELD_DTEXT is decoded; null leaves it unset. */
bool decode_dtext(struct decoder *d, const struct node *n, struct dtext *ret) ATTR_CHECKED;
struct node *encode_dtext(struct arena *a, const struct dtext *t); /* NULL when unset */
bool decode_strings(struct decoder *d, const struct node *n, struct strings *ret) ATTR_CHECKED;
struct node *encode_strings(struct arena *a, const struct strings *list);
bool decode_qname(struct decoder *d, const struct node *n, struct qname *ret) ATTR_CHECKED;
