SELECT count(*) FROM items WHERE created_at IS NOT NULL;
