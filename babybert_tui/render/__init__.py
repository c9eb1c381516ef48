"""Pictures of a trace: rich renderables for a terminal, and files. Reads plain data and computes no model."""
