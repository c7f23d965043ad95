/* The table of servers that are nearly PostgreSQL or MySQL. */
#include "dialect/engine.h"

static const struct engine engines[] = {
    {"CockroachDB", "postgresql", "CockroachDB",
        LACKS_LOCK | LACKS_ROLLBACK | LACKS_DEFERRABLE | LACKS_CATALOGUE},
    {"YugabyteDB", "postgresql", "-YB-", LACKS_LOCK | LACKS_ROLLBACK},
    {"Amazon Redshift", "postgresql", "Redshift",
        LACKS_LOCK | LACKS_FOREIGN_KEYS | LACKS_DEFERRABLE | LACKS_TRIGGERS | LACKS_INDEXES |
            LACKS_CATALOGUE},
    {"Materialize", "postgresql", "Materialize",
        LACKS_LOCK | LACKS_ROLLBACK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS | LACKS_CATALOGUE},
    {"CrateDB", "postgresql", "CrateDB",
        LACKS_LOCK | LACKS_ROLLBACK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS | LACKS_CATALOGUE},
    {"QuestDB", "postgresql", "QuestDB",
        LACKS_LOCK | LACKS_ROLLBACK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS | LACKS_CATALOGUE},
    {"Greenplum", "postgresql", "Greenplum", LACKS_FOREIGN_KEYS | LACKS_DEFERRABLE},
    {"TiDB", "mysql", "TiDB", LACKS_TRIGGERS},
    {"Vitess", "mysql", "Vitess", LACKS_LOCK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS},
    {"SingleStore", "mysql", "SingleStore", LACKS_LOCK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS},
    {"OceanBase", "mysql", "OceanBase", LACKS_CATALOGUE},
    {"Xpand", "mysql", "Xpand", LACKS_CATALOGUE},
    {"Apache Doris", "mysql", "doris", LACKS_LOCK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS | LACKS_INDEXES},
    {"StarRocks", "mysql", "StarRocks", LACKS_LOCK | LACKS_FOREIGN_KEYS | LACKS_TRIGGERS | LACKS_INDEXES},
};

const struct engine *engine_find(const char *protocol, const char *version, const char *comment)
{
    for (size_t i = 0; i < COUNT_OF(engines); i++) {
        const struct engine *e = &engines[i];
        if (str_eq(e->protocol, protocol) &&
            ((version && strstr(version, e->mark)) || (comment && strstr(comment, e->mark))))
            return e;
    }
    return NULL;
}

const char *engine_refusal(struct ctx *ctx, const struct engine *e)
{
    static const struct {
        unsigned lack;
        const char *text;
    } words[] = {
        {LACKS_LOCK, "locks that prevent concurrent runs"},
        {LACKS_ROLLBACK, "DDL that a transaction can roll back"},
        {LACKS_CATALOGUE, "parts of the catalogue that cmig reads"},
    };
    struct strings lacking = {0};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (e->lacks & words[i].lack)
            vec_add(ctx, &lacking, words[i].text);
    if (!lacking.n)
        return NULL;
    return ctx_printf(
        ctx, "cmig does not change %s, which lacks %s.", e->name, strings_join(&ctx->arena, &lacking, ", "));
}
