/* Reads views, triggers, routines and events. */
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/reflect/reflect.h"

/* ---- views ------------------------------------------------------------------------------------------- */

enum { VIEW_NAME, VIEW_BODY, VIEW_CHECK, VIEW_SECURITY, VIEW_ALGORITHM };

static struct unmodelled *name_object(
    struct reading *r, const char *kind, const char *name, const char *detail)
{
    struct unmodelled *u = ctx_new(r->ctx, struct unmodelled);
    *u = (struct unmodelled){.kind = kind, .name.name = ctx_strdup(r->ctx, name), .detail = detail};
    vec_add(r->ctx, &r->schema->unmodelled, u);
    return u;
}

/* The server puts the database before each table name; a model does not. */
const char *my_without_database(struct my *my, const char *body)
{
    struct ctx *ctx = my->base.ctx;
    struct sql q = sql_begin(ctx, &mysql_dialect);
    struct str out = STR(ctx);
    sql_addf(&q, "%I.", my->database);
    const char *prefix = sql_end(&q);
    size_t n = strlen(prefix);
    while (*body) {
        const struct sql_piece p = sql_piece(body, SQL_MYSQL);
        if (p.kind == SQL_QUOTED && strncmp(body, prefix, n) == 0) {
            body += n;
            continue;
        }
        str_addn(&out, p.s, p.n);
        body += p.n;
    }
    return str_get(&out);
}

/* After "CREATE … VIEW `name` AS ", and before WITH … CHECK OPTION. */
static const char *body_of(struct ctx *ctx, const char *text, bool is_checked)
{
    struct sql_piece p;
    const char *s = text, *end;
    while ((p = sql_piece(s, SQL_MYSQL)).kind != SQL_END && !sql_piece_is(&p, "view"))
        s = p.s + p.n;
    while ((p = sql_piece(s, SQL_MYSQL)).kind != SQL_END && !sql_piece_is(&p, "as"))
        s = p.s + p.n;
    s = sql_skip_space(p.s + p.n, SQL_MYSQL);
    end = s + strlen(s);
    for (const char *at = s; is_checked && (p = sql_piece(at, SQL_MYSQL)).kind != SQL_END; at = p.s + p.n)
        end = sql_piece_is(&p, "with") ? p.s : end; /* the last one */
    return str_trim(&ctx->arena, arena_strndup(&ctx->arena, s, (size_t)(end - s)));
}

static bool has_byte_above_ascii(const struct sql_piece *p)
{
    for (size_t i = 0; i < p->n; i++)
        if ((unsigned char)p->s[i] > 127)
            return true;
    return false;
}

/* Whether a string such as _latin1'…' has letters, which are printed in UTF-8: its bytes would be others when the text is
 * read again. */
static bool has_foreign_letters(const char *body)
{
    struct sql_piece p, before = {0};
    for (; (p = sql_piece(body, SQL_MYSQL)).kind != SQL_END; body = p.s + p.n) {
        bool is_foreign = before.kind == SQL_WORD && *before.s == '_' && !sql_piece_is(&before, "_utf8mb4") &&
                          !sql_piece_is(&before, "_utf8mb3");
        if (p.kind == SQL_STRING && is_foreign && has_byte_above_ascii(&p))
            return true;
        before = p;
    }
    return false;
}

/* MySQL has it in SHOW CREATE VIEW only: CREATE ALGORITHM=MERGE DEFINER=… */
static const char *algorithm_of(struct ctx *ctx, const char *text)
{
    static const char key[] = "CREATE ALGORITHM=";
    if (!text || !str_starts(text, key))
        return "UNDEFINED";
    const char *s = text + strlen(key);
    return arena_strndup(&ctx->arena, s, strcspn(s, " "));
}

/* information_schema.views does not have the character sets of strings, such as _binary'x': only a view that has strings is
 * queried by itself. If the user may not see more, it must do. */
static bool read_body(
    struct reading *r, const struct my_answer *a, const char **ret, const char **ret_algorithm)
{
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    struct strings row = {0};
    *ret = my_text(a, VIEW_BODY);
    if (*ret_algorithm && !strchr(*ret, '\''))
        return true;
    sql_addf(&q, "SHOW CREATE VIEW %I", my_text(a, VIEW_NAME));
    if (!my_query_row(&r->my->base, sql_end(&q), &row)) {
        if (my_is_lost(r->my) || ctx_interrupted(r->ctx))
            return false;
        err_clear(r->ctx);
        *ret_algorithm = *ret_algorithm ? *ret_algorithm : "UNDEFINED";
        return true;
    }
    if (!*ret_algorithm)
        *ret_algorithm = algorithm_of(r->ctx, row.n > 1 ? row.v[1] : NULL);
    const char *body = row.n > 1 ? body_of(r->ctx, row.v[1], !str_eq(my_text(a, VIEW_CHECK), "NONE")) : "";
    if (*body && !has_foreign_letters(body))
        *ret = body;
    return true;
}

static void set_option(struct reading *r, struct view *v, const char *key, const char *value)
{
    if (!v->options)
        v->options = ctx_new(r->ctx, struct options);
    options_set(r->ctx, v->options, "mysql", key, str_lower(&r->ctx->arena, value));
}

/* What another run has created for a moment, or a killed one. */
static bool is_of_judge(struct reading *r, const char *name)
{
    bool is = str_starts(name, MY_SCRATCH);
    r->my->has_leftovers |= is;
    return is;
}

static bool take_view(struct reading *r, ATTR_UNUSED struct table *none, const struct my_answer *a)
{
    struct view *v = ctx_new(r->ctx, struct view);
    const char *body, *algorithm = my_text(a, VIEW_ALGORITHM);
    if (!r->only && is_of_judge(r, my_text(a, VIEW_NAME)))
        return true;
    if (!read_body(r, a, &body, &algorithm))
        return false;
    if (!*body) {
        name_object(
            r, "view", my_text(a, VIEW_NAME), "its query cannot be read without the privilege SHOW VIEW")
            ->hidden = "view";
        return true;
    }
    v->name.name = my_copy(a, VIEW_NAME);
    v->body.native = my_without_database(r->my, body);
    if (!str_eq(my_text(a, VIEW_CHECK), "NONE"))
        set_option(r, v, "check_option", my_text(a, VIEW_CHECK));
    if (!str_eq(my_text(a, VIEW_SECURITY), "DEFINER"))
        set_option(r, v, "security", my_text(a, VIEW_SECURITY));
    if (!str_eq(algorithm, "UNDEFINED"))
        set_option(r, v, "algorithm", algorithm);
    vec_add(r->ctx, &r->schema->views, v);
    return true;
}

const struct reading_query my_views_query = {
    .sql = "SELECT table_name, view_definition, check_option, security_type, algorithm FROM "
           "information_schema.views WHERE table_schema = DATABASE()",
    .plain = "SELECT table_name, view_definition, check_option, security_type, NULL FROM "
             "information_schema.views WHERE table_schema = DATABASE()",
    .column = "table_name",
    .order = "table_name",
    .take = take_view,
    .takes_others = true,
};

/* ---- what models give as SQL ------------------------------------------------------------------------- */

/* root@localhost as `root`@`localhost`; a role has no host. */
static const char *quoted_account(struct reading *r, const char *account)
{
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    const char *at = strrchr(account, '@');
    if (at && at[1])
        sql_addf(&q, "%I@%I", arena_strndup(&r->ctx->arena, account, (size_t)(at - account)), at + 1);
    else
        sql_addf(&q, "%I", account);
    return sql_end(&q);
}

/* Of a printed definer: NULL if it is the current user. */
static const char *other_account(struct reading *r, const char *definer)
{
    struct arena *a = &r->ctx->arena;
    const struct sql_piece user = sql_piece(definer ? definer : "", SQL_MYSQL);
    const char *host = user.kind == SQL_END ? "" : user.s + user.n;
    const struct sql_piece place = sql_piece(*host == '@' ? host + 1 : "", SQL_MYSQL);
    if (user.kind == SQL_END)
        return NULL;
    const char *account = place.kind == SQL_END
                              ? sql_piece_text(a, &user)
                              : arena_printf(a, "%s@%s", sql_piece_text(a, &user), sql_piece_text(a, &place));
    return str_eq(account, r->user) ? NULL : quoted_account(r, account);
}

/* The text that is compared has no definer; the one that is written has, unless it is the current user. */
static void set_text(struct reading *r, enum object_kind kind, struct object *o, const struct my_create *c)
{
    struct my_create plain = *c;
    plain.definer = NULL;
    o->native = my_create_sql(r->ctx, kind, &plain, o->name.name, false);
    if (c->definer)
        o->sql.text = my_create_sql(r->ctx, kind, c, o->name.name, false);
}

/* One that the server lists and does not show is named. */
static bool read_object(struct reading *r, enum object_kind kind, const char *name, const char *table)
{
    struct object *o = ctx_new(r->ctx, struct object);
    struct my_create c;
    const char *text;
    if (!my_show_create(r->my, kind, name, &text, &c))
        return false;
    if (!text) {
        name_object(
            r, object_table[kind].name, name, "its SQL cannot be read with the privileges of this user")
            ->hidden = object_table[kind].name;
        return true;
    }
    c.definer = other_account(r, c.definer);
    if (kind == OBJECT_EVENT)
        my_restore_event(r->my, name, &c);
    o->name.name = ctx_strdup(r->ctx, name);
    o->of.name = o->goes_with.name = ctx_strdup(r->ctx, table);
    o->detail = table ? ctx_printf(r->ctx, "on %s", table) : NULL;
    if (object_table[kind].naming == NAMED_BY_SIGNATURE)
        o->signature = my_create_signature(r->ctx, c.rest);
    o->rank = r->schema->objects[kind].n;
    set_text(r, kind, o, &c);
    object_make_key(&r->ctx->arena, kind, o);
    vec_add(r->ctx, &r->schema->objects[kind], o);
    return true;
}

static bool take_trigger(struct reading *r, ATTR_UNUSED struct table *t, const struct my_answer *a)
{
    return read_object(r, OBJECT_TRIGGER, my_text(a, 1), my_text(a, 0));
}

/* Each in the order in which it runs. */
const struct reading_query my_triggers_list_query = {
    .sql = "SELECT event_object_table, trigger_name FROM information_schema.triggers WHERE trigger_schema = "
           "DATABASE()",
    .column = "event_object_table",
    .order = "event_object_table, action_timing, event_manipulation, action_order",
    .take = take_trigger,
    .takes_others = true,
};

/* Packages, of Oracle's mode, are routines, too. */
static bool take_routine(struct reading *r, ATTR_UNUSED struct table *t, const struct my_answer *a)
{
    const char *word = str_lower(&r->ctx->arena, my_text(a, 1));
    if (is_of_judge(r, my_text(a, 0)))
        return true;
    enum object_kind kind = object_kind_by_name(word);
    if (kind != OBJECT_KINDS)
        return read_object(r, kind, my_text(a, 0), NULL);
    name_object(r, word, my_text(a, 0), NULL);
    return true;
}

const struct reading_query my_routines_query = {
    .sql = "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = "
           "DATABASE()",
    .column = "routine_name",
    .order = "routine_name, routine_type",
    .take = take_routine,
    .takes_others = true,
};

const struct reading_query my_events_query = {
    .sql = "SELECT event_name, 'event' FROM information_schema.events WHERE event_schema = DATABASE()",
    .column = "event_name",
    .order = "event_name",
    .take = take_routine,
    .takes_others = true,
};
