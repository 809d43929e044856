"""What stands in the rack and what NetBox says: records of both, the plan between them, and who carries it out."""
