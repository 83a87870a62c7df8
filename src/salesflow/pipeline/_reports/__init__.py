"""Results that leave Python: as pages, with pictures, and as files for other programs."""
