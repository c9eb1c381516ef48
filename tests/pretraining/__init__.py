"""Tests of pairs, masking and batches."""
