"""How a text's HTML is read and written: its tags, its formulas, its marks. `connectors.markdown` puts it together."""
