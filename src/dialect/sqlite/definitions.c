/* What a baseline needs of an SQLite database: the stored SQL of what is not modelled, and a database in memory. */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

static enum stage stage_of(const char *kind)
{
    if (str_eq(kind, "table definition"))
        return STAGE_FIRST;
    return STAGE_TABLES;
}

bool sqlite_definitions(struct conn *conn, ATTR_UNUSED const struct scope *scope, const struct schema *schema,
    struct definitions *ret)
{
    *ret = (struct definitions){0};
    vec_each(i, &schema->unmodelled) {
        const struct unmodelled *u = schema->unmodelled.v[i];
        if (!u->sql)
            continue;
        struct definition *d = ctx_new(conn->ctx, struct definition);
        *d = (struct definition){
            .kind = u->kind, .name = u->name, .detail = u->detail, .sql = u->sql, .stage = stage_of(u->kind)};
        vec_add(conn->ctx, ret, d);
    }
    return true;
}

bool sqlite_scratch_open(struct conn *conn, ATTR_UNUSED const struct url *url,
    ATTR_UNUSED const struct url *given, struct scratch *ret)
{
    static const struct url memory = {
        .text = "sqlite://", .scheme = "sqlite", .rest = "", .name = "", .dialect = &sqlite_dialect};
    static const struct open_options options = {0};
    *ret = (struct scratch){.url = memory};
    return sqlite_open(conn->ctx, &memory, &options, &ret->conn);
}

void sqlite_scratch_close(ATTR_UNUSED struct conn *conn, struct scratch *s)
{
    sqlite_close(s->conn);
    *s = (struct scratch){0};
}

bool sqlite_scratch_copy(struct conn *conn, struct scratch *from, struct scratch *ret)
{
    if (!sqlite_scratch_open(conn, NULL, NULL, ret))
        return false;
    struct sqlite_conn *to = sqlite_conn(ret->conn);
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", sqlite_conn(from->conn)->db, "main");
    if (backup)
        sqlite3_backup_step(backup, -1);
    if (backup && sqlite3_backup_finish(backup) == SQLITE_OK)
        return true;
    sqlite_fail(to);
    sqlite_scratch_close(conn, ret);
    return false;
}
