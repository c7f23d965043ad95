SELECT rowid FROM "the index" WHERE "the index" MATCH 'zwölf'
