"""A site: a place with chassis, to which technicians can be assigned. Which chassis stand there, `slots` knows."""

from django.db import models
from django.db.models.functions import Lower


class Site(models.Model):
    """One place, known by its name. Rows are never deleted: whoever was assigned to one would reach all."""

    name = models.CharField(max_length=64)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="site_name_unique")]

    def __str__(self) -> str:
        return self.name
