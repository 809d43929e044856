"""The pages: lists, the rack, one slot, events, and the forms that ask for commands.

Views authorise, call one service or one rendering, and answer. They decide nothing about slots.
"""
