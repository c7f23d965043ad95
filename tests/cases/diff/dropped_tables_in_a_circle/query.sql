SELECT a_id FROM c;
