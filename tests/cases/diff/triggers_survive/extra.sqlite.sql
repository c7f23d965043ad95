CREATE TRIGGER items_bu AFTER UPDATE OF name ON items BEGIN UPDATE items SET size = 1 WHERE id = new.id; END;
