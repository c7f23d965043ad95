SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind = 'r' AND relname NOT LIKE 'cmig%' AND relnamespace = 'public'::regnamespace ORDER BY 1;
