"""The payment processor's client and its sandbox, against each other and against the vendor's published shapes."""
