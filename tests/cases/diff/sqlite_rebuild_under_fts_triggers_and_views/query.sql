SELECT count(*), (SELECT rowid FROM docs_fts WHERE docs_fts MATCH 'pears') FROM sqlite_schema WHERE type = 'trigger'
