"""What an operator does to live data, in the cloud and on the local stack."""
