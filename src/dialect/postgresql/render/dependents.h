/* Objects that depend on a type or a view. They are dropped before it is recreated and created again
 * afterwards. */
#pragma once

#include "dialect/postgresql/render/render.h"

struct dependent {
    const char *drop, *create;     /* NULL: it is dropped with another one, or not created again */
    const char *schema, *relation; /* what it is, or belongs to */
    struct strings after;          /* statements: its comment, and what else was on it */
};
struct dependents VEC_OF(struct dependent); /* in an order in which they can be created */

/* These give nothing without a connection. */
bool dependents_of_view(struct rendering *r, const struct qname *view, struct dependents *ret) ATTR_CHECKED;
/* Views, indexes and constraints that contain values of the type, or read columns of it. */
bool dependents_of_type(struct rendering *r, const struct qname *type, struct dependents *ret) ATTR_CHECKED;
/* Statements that restore on a view what DROP VIEW drops with it: its owner, privileges, triggers, rules, and
 * defaults and comments of those columns that it still has. */
bool keepsakes_of_view(struct rendering *r, const struct qname *view, struct strings *ret) ATTR_CHECKED;
