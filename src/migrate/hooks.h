/*
 * The hooks of cmig.yaml around the steps of a run.
 *
 * SQL of a step runs in the step's transaction, so that a failure rolls the step back; other SQL, and programs, run outside
 * of one. Stamps have no hooks: nothing is applied.
 */
#pragma once

#include "migrate/run.h"

/* Reads the SQL files of the hooks, and rejects SQL that cannot run there. */
bool hooks_prepare(struct run *r) ATTR_CHECKED;
/* Whether the steps have hooks, so that each step waits for the one before it. */
bool hooks_of_steps(const struct run *r);
/* Whether SQL of hooks runs in the transactions of steps. */
bool hooks_have_sql(const struct run *r);
/* Adds the SQL of a step's hooks. */
void hooks_add(struct run *r, const struct work *w, enum hook_kind kind, struct statements *ret);
/* The hooks before the first step, once. */
bool hooks_begin(struct run *r) ATTR_CHECKED;
/* The programs of a step's hooks. */
bool hooks_run(struct run *r, const struct work *w, enum hook_kind kind) ATTR_CHECKED;
/* The SQL before a step that is committed in parts. */
bool hooks_run_before_parts(struct run *r, const struct work *w) ATTR_CHECKED;
/* The hooks after the last step. */
bool hooks_end(struct run *r) ATTR_CHECKED;
/* Those for a run that failed. They change nothing of its error. */
void hooks_fail(struct run *r);

/* In scripts and dry runs: the SQL, and programs as comments. `w` NULL: of the whole run. */
bool hooks_print(struct run *r, const struct work *w, enum hook_kind kind) ATTR_CHECKED;
void hooks_print_programs(struct run *r, enum hook_kind kind);
