SELECT (SELECT string_agg(tableoid::regclass || ':' || id || ':' || number || ':' || kind, ' ' ORDER BY id) FROM events),
    (SELECT string_agg(tableoid::regclass || ':' || kind || a, ' ' ORDER BY a) FROM logs), (SELECT count(*) FROM parts),
    (SELECT string_agg(tableoid::regclass || ':' || v, ' ' ORDER BY v) FROM tree),
    nextval(pg_get_serial_sequence('events', 'id')), nextval(pg_get_serial_sequence('events', 'number')), pg_get_serial_sequence('events', 'number'), (SELECT count(*) FROM notes)
