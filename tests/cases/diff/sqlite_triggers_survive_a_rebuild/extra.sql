CREATE TRIGGER items_ai AFTER INSERT ON items WHEN new.id > 100 BEGIN INSERT INTO log (what) VALUES ('insert ' || new.name); END;
CREATE TRIGGER log_ai AFTER INSERT ON log BEGIN UPDATE items SET size = coalesce(size, 1) WHERE name = new.what; END;
