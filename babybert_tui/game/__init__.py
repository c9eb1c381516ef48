"""You against the baby: the two tasks of BERT's pre-training as a game, with everybody else's answers beside yours."""
