/*
 * Version tables of other migration tools.
 *
 * A database that is adopted may have been migrated by one of them. Its table is not part of the schema: as a model it
 * would be created in every new database, and dropped once the models lose it.
 */
#include "adopt.h"

static const struct {
    const char *table, *column, *tool;
} rows[] = {
    /* `column`: where the name alone says too little, a column that the table has; else NULL */
    {"alembic_version", NULL, "Alembic"},
    {"migrate_version", "repository_id", "sqlalchemy-migrate"},
    {"django_migrations", NULL, "Django"},
    {"south_migrationhistory", NULL, "South"},
    {"aerich", "app", "Aerich"},
    {"_yoyo_log", NULL, "yoyo"},
    {"_yoyo_migration", NULL, "yoyo"},
    {"_yoyo_version", NULL, "yoyo"},
    {"yoyo_lock", NULL, "yoyo"},
    {"migratehistory", NULL, "peewee-migrate"},
    {"flyway_schema_history", NULL, "Flyway"},
    {"schema_version", "installed_rank", "Flyway"},
    {"databasechangelog", NULL, "Liquibase"},
    {"databasechangeloglock", NULL, "Liquibase"},
    {"changelog", "applied_at", "MyBatis Migrations"},
    {"play_evolutions", NULL, "Play"},
    {"play_evolutions_lock", NULL, "Play"},
    {"ragtime_migrations", NULL, "Ragtime"},
    {"schema_migrations", NULL, "Rails, dbmate or golang-migrate"},
    {"schema_migrations_lock", NULL, "dbmate"},
    {"ar_internal_metadata", NULL, "Rails"},
    {"schema_info", "version", "Sequel"},
    {"goose_db_version", NULL, "goose"},
    {"gorp_migrations", NULL, "sql-migrate"},
    {"bun_migrations", NULL, "Bun"},
    {"bun_migration_locks", NULL, "Bun"},
    {"atlas_schema_revisions", NULL, "Atlas"},
    {"pgmigrations", NULL, "node-pg-migrate"},
    {"_prisma_migrations", NULL, "Prisma"},
    {"knex_migrations", NULL, "Knex"},
    {"knex_migrations_lock", NULL, "Knex"},
    {"kysely_migration", NULL, "Kysely"},
    {"kysely_migration_lock", NULL, "Kysely"},
    {"__drizzle_migrations", NULL, "Drizzle"},
    {"sequelizemeta", NULL, "Sequelize"},
    {"mikro_orm_migrations", NULL, "MikroORM"},
    {"typeorm_metadata", NULL, "TypeORM"},
    {"migrations", "timestamp", "TypeORM"},
    {"migrations", "batch", "Laravel"},
    {"migrations", "run_on", "db-migrate"},
    {"phinxlog", NULL, "Phinx"},
    {"doctrine_migration_versions", NULL, "Doctrine"},
    {"migration_versions", "executed_at", "Doctrine"},
    {"__efmigrationshistory", NULL, "Entity Framework"},
    {"schemaversions", "scriptname", "DbUp"},
    {"_sqlx_migrations", NULL, "sqlx"},
    {"__diesel_schema_migrations", NULL, "Diesel"},
    {"refinery_schema_history", NULL, "Refinery"},
    {"seaql_migrations", NULL, "SeaORM"},
    {"cmig_version", "revision", "cmig, under another 'version_table'"},
    {"cmig_history", "revision", "cmig, under another 'version_table'"},
    {"cmig_progress", "revision", "cmig, under another 'version_table'"},
};

static bool has_column(const struct table *t, const char *name)
{
    vec_each(i, &t->columns)
        if (str_eq_ci(t->columns.v[i]->name, name))
            return true;
    return false;
}

const char *other_tool(const struct table *t)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq_ci(rows[i].table, t->name.name) && (!rows[i].column || has_column(t, rows[i].column)))
            return rows[i].tool;
    return NULL;
}
