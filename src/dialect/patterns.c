/* Statements of user SQL that lint recognises by their words in every database. */
#include "cmig/hazard.h"

const struct sql_pattern sql_patterns[] = {
    {RULE_CHANGE_DEFAULT, "ALTER TABLE * ALTER * SET DEFAULT", "a default changes"},
    {RULE_CHANGE_DEFAULT, "ALTER TABLE * ALTER * DROP DEFAULT", "a default is removed"},
    {RULE_REPLACE_OBJECT, "CREATE OR REPLACE", "an object is replaced"},
    {RULE_REVOKE, "REVOKE", "privileges are revoked"},
    {0},
};
