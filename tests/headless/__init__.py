"""Tests of the headless front, from the outside."""
