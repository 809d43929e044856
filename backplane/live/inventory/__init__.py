"""The pages of the inventory: what is where, what differs from the plan and from NetBox, and the forms that say so.

Views authorise, call one function below, write the trail, answer. They talk to NetBox for the connection test only.
"""
