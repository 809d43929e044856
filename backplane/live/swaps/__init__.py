"""The pages of guided swaps: the steps for a phone at the rack, the same for a desk, the list, the receipt.

Views authorise, ask `swaps` and draw its Stage; which step follows and what a button does is decided there.
"""
