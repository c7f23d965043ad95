SELECT b, c, m, l FROM second, third;
