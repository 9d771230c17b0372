"""The ip(8) grammar: words to operations, messages to the text and JSON that ip prints."""
