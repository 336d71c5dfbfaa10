"""An independent checker of listing copy: own word lists, own units, own matching, no code of the product."""
