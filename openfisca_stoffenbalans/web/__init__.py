"""What OpenFisca's web API needs to answer for farm balances."""
