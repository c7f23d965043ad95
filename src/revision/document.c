/*
 * The keys of a revision file.
 */
#include "document.h"

/* Operations are kept as they are until the revision runs. */
static bool keep_node(ATTR_UNUSED struct decoder *d, const struct node *n, void *value)
{
    *(const struct node **)value = n;
    return true;
}

static const struct field_custom operations_custom = {
    .decode = keep_node,
    .json_schema = "{\"type\": [\"array\", \"null\"]}",
    .arrange = ops_arrange,
};

static const struct field_custom only_custom = {
    .decode = keep_node,
    .json_schema =
        "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}",
};

#define ONLINE_DOC \
    "Whether the operation runs in a form that other sessions hardly notice. SQLite ignores the key."
#define ONLY_DOC "The databases that it is for: kinds of them, and environments of the configuration."

const char *const phase_names[] = {"", "expand", "contract", NULL};

#define HEAD(member) offsetof(struct document, head.member)

static const struct field fields[] = {
    {.key = "revision",
        .doc = "The revision's id: at most 255 bytes, without blanks and @ - + : / \\.",
        .kind = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .offset = HEAD(id)},
    {.key = "down_revision",
        .doc = "The parent of this revision; several for a merge, null for the first.",
        .kind = FIELD_STRINGS,
        .offset = HEAD(down)},
    {.key = "message", .doc = "The description.", .kind = FIELD_STRING, .offset = HEAD(message)},
    {.key = "created", .doc = "When the file was written.", .kind = FIELD_STRING, .offset = HEAD(created)},
    {.key = "author", .doc = "Who wrote it.", .kind = FIELD_STRING, .offset = HEAD(author)},
    {.key = "branch_labels",
        .doc = "Names for the branch that starts here, used like an id.",
        .kind = FIELD_STRINGS,
        .offset = HEAD(labels)},
    {.key = "depends_on",
        .doc = "Revisions (ids or labels) of other branches that must be applied before this one.",
        .kind = FIELD_STRINGS,
        .offset = HEAD(depends_on)},
    {.key = "replaces",
        .doc = "In a baseline: the ids of the earlier revisions that it replaces. A database that is at one "
               "of them is not upgraded.",
        .kind = FIELD_STRINGS,
        .offset = HEAD(replaces)},
    {.key = "phase",
        .doc = "When it runs: 'expand' before the new version of the program is rolled out, 'contract' after "
               "the last old one is gone.",
        .kind = FIELD_CHOICE,
        .names = phase_names,
        .offset = HEAD(phase)},
    {.key = "transaction",
        .doc = "Whether it runs in a transaction. Default: true.",
        .kind = FIELD_BOOL,
        .flags = FIELD_TRUE,
        .offset = offsetof(struct document, transaction)},
    {.key = "only",
        .doc = ONLY_DOC,
        .kind = FIELD_CUSTOM,
        .offset = offsetof(struct document, only),
        .custom = &only_custom},
    {.key = "upgrade",
        .doc = "The operations, in order.",
        .kind = FIELD_CUSTOM,
        .offset = offsetof(struct document, upgrade),
        .custom = &operations_custom},
    {.key = "downgrade",
        .doc = "The operations that revert it; without this key the revision cannot be downgraded.",
        .kind = FIELD_CUSTOM,
        .offset = offsetof(struct document, downgrade),
        .custom = &operations_custom},
    {0},
};

const struct record revision_record = {
    .name = "revision",
    .size = sizeof(struct document),
    .fields = fields,
    .pos_offset = -1,
    .given_offset = -1,
};

/* ---- the JSON Schema: the same fields, with what the table of operations has in the lists --------------- */

/* An operation's own fields and what any may have. */
static const struct record *describe_operation(struct arena *a, enum op_kind kind)
{
    const struct op_row *row = &op_table[kind];
    struct field *f = arena_alloc(a, 4 * sizeof(*f));
    struct record *r = arena_new(a, struct record);

    f[0] = (struct field){.key = row->name, .kind = FIELD_INLINE, .record = row->record};
    f[1] = (struct field){.key = "only", .doc = ONLY_DOC, .kind = FIELD_STRINGS};
    if (op_has_online_form(kind))
        f[2] = (struct field){.key = "online", .doc = ONLINE_DOC, .kind = FIELD_BOOL};
    *r = *row->record;
    r->name = row->name;
    r->fields = f;
    return r;
}

static const struct record *describe_operations(struct arena *a)
{
    struct field *f = arena_alloc(a, (OP_KINDS + 3) * sizeof(*f));
    struct record *r = arena_new(a, struct record);

    size_t n = 0;

    for (size_t i = 0; i < OP_KINDS; i++)
        if (op_table[i].name)
            f[n++] = (struct field){.key = op_table[i].name,
                .doc = op_table[i].doc,
                .kind = FIELD_RECORD,
                .record = describe_operation(a, (enum op_kind)i)};
    f[n++] = (struct field){.key = "only", .doc = ONLY_DOC, .kind = FIELD_STRINGS};
    f[n] = (struct field){.key = "online", .doc = ONLINE_DOC, .kind = FIELD_BOOL};
    *r = (struct record){.name = "operation", .fields = f, .pos_offset = -1, .given_offset = -1};
    return r;
}

struct node *revision_json_schema(struct arena *a)
{
    const struct record *operations = describe_operations(a);
    struct field *f = arena_alloc(a, sizeof(fields));
    struct record r = revision_record;

    memcpy(f, fields, sizeof(fields));
    for (size_t i = 0; f[i].key; i++)
        if (f[i].custom == &operations_custom) {
            f[i].kind = FIELD_LIST;
            f[i].record = operations;
        }
    r.fields = f;
    return record_json_schema(a, &r, "cmig revision");
}
