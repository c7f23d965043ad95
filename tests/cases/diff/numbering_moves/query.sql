SELECT 't01', last_value, is_called FROM t01_id_seq UNION ALL SELECT 't02', last_value, is_called FROM t02_id_seq
UNION ALL SELECT 't03', last_value, is_called FROM s03 UNION ALL SELECT 't04', last_value, is_called FROM t04_id_seq
UNION ALL SELECT 't05', last_value, is_called FROM t05_id_seq UNION ALL SELECT 's06', last_value, is_called FROM s06
UNION ALL SELECT 's08', last_value, is_called FROM s08 UNION ALL SELECT 's09', last_value, is_called FROM s09
UNION ALL SELECT 's10', last_value, is_called FROM s10 UNION ALL SELECT 's12', last_value, is_called FROM s12
UNION ALL SELECT 't13', last_value, is_called FROM t13_id_seq UNION ALL SELECT 's14', last_value, is_called FROM s14
UNION ALL SELECT 't15', last_value, is_called FROM t15_id_seq1 UNION ALL SELECT 't15 other', last_value, is_called FROM t15_id_seq
UNION ALL SELECT 't16', last_value, is_called FROM t16_id_seq UNION ALL SELECT 's17', last_value, is_called FROM s17
UNION ALL SELECT 's18', last_value, is_called FROM s18 UNION ALL SELECT 's19', last_value, is_called FROM s19
UNION ALL SELECT 's19b', last_value, is_called FROM s19b UNION ALL SELECT 's20', last_value, is_called FROM s20
UNION ALL SELECT 's21', last_value, is_called FROM s21 UNION ALL SELECT 't22', last_value, is_called FROM t22_id_seq
UNION ALL SELECT 'odd', last_value, is_called FROM "My Seq's" UNION ALL SELECT 's24', last_value, is_called FROM app.s24
UNION ALL SELECT 't25', last_value, is_called FROM t25_id_seq UNION ALL SELECT 't26', last_value, is_called FROM t26_id_seq
UNION ALL SELECT 't27', last_value, is_called FROM t27_id_seq ORDER BY 1;
