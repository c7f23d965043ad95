SELECT a, changed, becomes_plain, becomes_stored, becomes_virtual FROM items ORDER BY id
