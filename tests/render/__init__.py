"""Tests of the pictures and files."""
