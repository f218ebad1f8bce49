"""The schema of the database that voxbridge keeps, as a number: the images of a release say it in their labels.

It rises with each step that adds something. A release works with the schemas from `SCHEMA_MIN` to the one after its
own, so that it can be deployed and rolled back by one step either way (docs/operations/deploy.md).
"""

SCHEMA_VERSION = 1
SCHEMA_MIN = 1
