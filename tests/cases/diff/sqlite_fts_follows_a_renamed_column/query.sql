SELECT rowid, heading FROM docs_fts WHERE docs_fts MATCH 'pears'
