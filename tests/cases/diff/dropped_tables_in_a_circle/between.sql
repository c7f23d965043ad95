UPDATE c SET a_id = NULL;
