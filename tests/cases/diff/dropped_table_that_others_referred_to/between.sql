UPDATE items SET owner_id = NULL;
