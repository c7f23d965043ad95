SELECT docid FROM message_fts WHERE message_fts MATCH 'hello'
