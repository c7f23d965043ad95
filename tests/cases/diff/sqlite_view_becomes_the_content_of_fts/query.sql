SELECT rowid FROM shown_fts WHERE shown_fts MATCH 'pears'
