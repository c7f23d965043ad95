SELECT (SELECT count(*) FROM children), (SELECT count(child_id) FROM grandchildren);
