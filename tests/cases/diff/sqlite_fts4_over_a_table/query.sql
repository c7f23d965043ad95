SELECT docid, title FROM s WHERE s MATCH 'pears'
