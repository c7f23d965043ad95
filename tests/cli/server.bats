#!/usr/bin/env bats
# What does cmig make of servers that are too old, that stand in the way, or whose settings are odd?

load helper

# ---- versions ----------------------------------------------------------------------------------------------------

@test "what the server is too old for is refused with its place, before anything runs" {
    project postgresql
    [ "$(sql 'SHOW server_version_num')" -lt 180000 ] || return 0
    server=$(sql "SELECT split_part(current_setting('server_version'), ' ', 1)")
    model <<'END'
tables:
  items:
    columns:
      id: {type: integer, primary_key: true}
      twice: {type: integer, generated: {sql: id * 2, stored: false}}
END
    fails 78 check
    says "model.yaml:5:7: a generated column that is not stored needs PostgreSQL 18, the server is PostgreSQL $server" \
        "Write 'generated: {sql: …, stored: true}'"
    model <<'END'
tables:
  items:
    columns:
      id: {type: integer, primary_key: true}
    checks:
      positive:
        sql: id > 0
        postgresql: {not_enforced: true}
END
    fails 78 revision --autogenerate -m first
    says "model.yaml:8:22: option 'not_enforced' needs PostgreSQL 18"
    revision_file aaaaaaaaaaaa null <<'END'
upgrade:
  - create_table: {name: other, columns: {id: integer}}
  - create_unique_constraint:
      table: other
      columns: [id]
      postgresql: {without_overlaps: true}
downgrade: []
END
    fails 78 upgrade
    says "aaaaaaaaaaaa.yaml:6:5: operation 2 of 2" "option 'without_overlaps' needs PostgreSQL 18" 'Nothing was changed'
    [ -z "$(sql "SELECT * FROM pg_tables WHERE tablename = 'other'")" ]
    ok upgrade --sql
    prints 'UNIQUE (id WITHOUT OVERLAPS)'
}
