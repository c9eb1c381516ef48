"""Pairs, masks and batches: the two tasks of BERT, made from text."""
