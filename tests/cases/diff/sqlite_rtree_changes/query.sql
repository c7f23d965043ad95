SELECT id, max_x, kind FROM place_box WHERE min_y < 0
