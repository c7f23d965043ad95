CREATE TABLE tmp_a (id integer); CREATE TABLE `spatial` (id integer); CREATE VIEW v_tmp AS SELECT 1 AS one;
