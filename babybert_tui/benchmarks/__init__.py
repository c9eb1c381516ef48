"""How fast this machine trains and how fast that is learned from: BabyBERT beside Hugging Face's BERT."""
