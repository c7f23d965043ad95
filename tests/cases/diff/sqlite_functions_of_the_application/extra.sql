CREATE TRIGGER books_ai AFTER UPDATE OF size ON books BEGIN UPDATE books SET title = sort_title(new.title) WHERE id = new.id; END;
