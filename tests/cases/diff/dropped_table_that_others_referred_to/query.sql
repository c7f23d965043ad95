SELECT owner_id FROM items ORDER BY id;
