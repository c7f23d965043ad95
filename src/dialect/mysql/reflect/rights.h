/* What the connected user may read. */
#pragma once

#include "dialect/mysql/wire/conn.h"

struct my_rights {
    bool sees_tables; /* all of the database */
    bool sees_keys;   /* what foreign keys do */
    bool sees_views;  /* their queries */
    bool sees_triggers, sees_routines, sees_events;
    bool has_roles;
};
bool my_read_rights(struct my *my, struct my_rights *ret) ATTR_CHECKED;
