"""The demo: executable history. It plays 2010 on a clock that jumps, with mail that goes nowhere."""
