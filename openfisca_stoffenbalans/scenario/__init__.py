"""What if: scenarios of rules over a data set, compared."""
