SELECT rowid FROM docs_fts WHERE docs_fts MATCH 'pear'; 
