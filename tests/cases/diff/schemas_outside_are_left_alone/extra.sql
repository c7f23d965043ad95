CREATE SCHEMA other; CREATE TABLE other.users (id int); CREATE TABLE other.things (id int);
