"""The private part of the library: any name in it may change in any release."""
