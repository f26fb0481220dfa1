"""Seeded data of any size, and the benchmarks over it."""
