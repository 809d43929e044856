"""Link messages to slot events and back: the only package that knows both sides. It decides nothing."""
