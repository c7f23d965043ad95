SELECT trigger_name, action_order, sql_mode LIKE '%ANSI_QUOTES%' FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY event_manipulation, action_timing, action_order
