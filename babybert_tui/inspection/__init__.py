"""Looking inside a BERT: text and checkpoint in, one `Trace` out, and analyses on demand."""
