CREATE TRIGGER orders_ad AFTER DELETE ON orders BEGIN DELETE FROM customers WHERE id = old.customer; END;
