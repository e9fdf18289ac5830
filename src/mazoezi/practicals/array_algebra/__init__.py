"""Array algebra: indexing, slicing, transposing, combining and aggregating arrays."""
