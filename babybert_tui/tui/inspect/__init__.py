"""Inspect: one text or pair, whose weights look at it, and everything that goes on inside them."""
