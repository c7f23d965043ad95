/* The columns of an enum type. */
#pragma once

#include "dialect/postgresql/render/render.h"

struct enum_user {
    const char *table, *column; /* quoted */
    const char *dflt;
    bool is_array;
};
struct enum_users VEC_OF(struct enum_user);

/* Those that are of the enum when this operation runs. */
bool enum_users(struct rendering *r, const struct op_alter_enum *o, struct enum_users *ret) ATTR_CHECKED;
/* The name that the enum of this operation had before the operation at a place of the list. */
struct qname enum_before(const struct rendering *r, const struct qname *name, size_t at);
/* Whether everything that depends on the type is converted or recreated along with it; else the error names the rest.
 * `type` is its name on the server. */
bool enum_is_free(struct rendering *r, const struct qname *type) ATTR_CHECKED;
