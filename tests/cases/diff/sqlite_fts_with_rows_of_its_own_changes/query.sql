SELECT n.rowid, n.title, n.text, n.added, c.v FROM notes n, notes_config c WHERE notes MATCH 'walk' AND k = 'rank'
