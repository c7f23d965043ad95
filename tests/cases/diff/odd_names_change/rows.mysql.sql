INSERT INTO `Tab le` VALUES (1, 'a', 1), (2, 'b', 2);
