"""The AI label: its words, its layers in a file, the keys and certificates behind them."""
