"""Tests of the tokenization."""
