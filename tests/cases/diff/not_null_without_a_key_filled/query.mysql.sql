SELECT a, b, note FROM pairs UNION ALL SELECT a, NULL, concat(`b-c`, '') FROM loose ORDER BY 3;
