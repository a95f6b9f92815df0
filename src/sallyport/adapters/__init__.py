"""Each implements a port of `sallyport.ports`, and none knows another."""
