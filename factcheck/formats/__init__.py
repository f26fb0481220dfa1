"""How readers of each language write days and numbers; Django has none for Kazakh."""
