"""What the Kimberley Process is: values, lifecycles and rules. Pure Python: no input or output, no clock, no
Django."""
