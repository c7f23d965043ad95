SELECT a, b, note FROM pairs UNION ALL SELECT a, NULL, "b-c" || '' FROM loose ORDER BY 3;
