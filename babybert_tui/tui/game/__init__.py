"""You against the baby, on the screen: who deals, how it is drawn, and what the keys do."""
