SELECT rowid, subject FROM mail WHERE mail MATCH 'sir'
