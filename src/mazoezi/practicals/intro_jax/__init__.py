"""Introduction to JAX: arrays, transformations and regression."""
