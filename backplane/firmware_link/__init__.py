"""The serial link to the board: protocol BP/1, ports and reconnecting. A plain library, no Django."""
