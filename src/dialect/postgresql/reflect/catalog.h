/*
 * Queries of the catalogue: catalog/<x>.sql is catalog_<x>, in which {words} are replaced by parts of queries.
 *
 * They are designed to be cheap: types, collations and operator classes are named once each, not once per column,
 * and functions of the server are called only where there is something to print.
 */
#pragma once

#include "dialect/postgresql/wire/conn.h"

/* $1 is the list of schemas. */
extern const char catalog_access_methods[], catalog_conversions[], catalog_foreign_data_wrappers[],
    catalog_foreign_tables[], catalog_languages[], catalog_publications[], catalog_servers[],
    catalog_text_search_parsers[], catalog_text_search_templates[];
extern const char catalog_aggregates[], catalog_casts[], catalog_collations[], catalog_composites[],
    catalog_configurations[], catalog_dictionaries[], catalog_domains[], catalog_event_triggers[],
    catalog_functions[], catalog_operator_families[], catalog_operators[], catalog_policies[],
    catalog_ranges[], catalog_rules[], catalog_statistics[], catalog_transforms[], catalog_triggers[];
extern const char catalog_access[], catalog_columns[], catalog_comments[], catalog_constraints[],
    catalog_default_access[], catalog_definitions[], catalog_enums[], catalog_extensions[], catalog_indexes[],
    catalog_namespaces[], catalog_odd_comments[], catalog_opclasses[], catalog_owned[], catalog_relations[],
    catalog_sequences[], catalog_types[], catalog_view_uses[];

/* The query for this server's version. */
const char *catalog_query(struct pg *pg, const char *sql);

/* Whether a catalogue may have rows of users' objects, as an SQL condition. */
#define CATALOG_HAS_DEPENDING(name) \
    "EXISTS (SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog." name \
    "'::regclass AND objid >= 16384 AND deptype <> 'i')"
/* Every table has two types, and every foreign key four triggers, which are parts of other objects. pg_depend is read
 * as a whole to find others among them. */
#define CATALOG_HAS_TYPES \
    "EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= 16384 AND typtype <> 'c' AND (typtype <> 'b' OR " \
    "typcategory <> 'A'))"
#define CATALOG_HAS_TRIGGERS \
    "EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE oid >= 16384 AND NOT tgisinternal)"
#define CATALOG_HAS_FOREIGN_TABLES "EXISTS (SELECT FROM pg_catalog.pg_foreign_table)"

/* A kind of object that cmig does not model, as rows of a catalogue whose alias is o. All are SQL. */
struct unmodelled_kind {
    const char *kind, *catalogue, *name;
    const char *detail; /* NULL: none */
    enum { IN_DATABASE, IN_SCHEMA, ON_TABLE } place;
    const char *of;   /* the column with the schema's or the table's number */
    const char *only; /* a condition on o; NULL: all of them */
    const char *from; /* what replaces the catalogue if that cannot be queried, or has no `oid`; else NULL */
    const char *exists; /* a condition that tells at less cost that there may be any; NULL: none */
    bool independent;   /* pg_depend may not list them, or only as parts of other objects */
    bool is_part;       /* on a table of an extension they are the extension's */
    bool is_grants;     /* privileges that models may list: named only where grants are not managed */
    bool has_built_in;  /* also the objects that every new database has */
    int since;          /* the oldest server that may have any; 0: all */
};
extern const struct unmodelled_kind unmodelled_kinds[]; /* ended by one without a kind */

/* Whether there may be any, as an SQL condition. */
const char *unmodelled_exists(struct pg *pg, const struct unmodelled_kind *k);
/* Rows: kind, schema, name, detail, and the numbers of catalogue, object and the table that it is a part of. */
const char *unmodelled_rows(struct ctx *ctx, const struct unmodelled_kind *k);
