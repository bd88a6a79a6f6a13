"""What: pure decisions on plain values. No I/O, no clock."""
