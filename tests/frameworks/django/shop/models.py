"""A shop. With CHANGED, some columns and constraints are different."""
import os

from django.db import models

CHANGED = "CHANGED" in os.environ


class Tag(models.Model):
    name = models.CharField(max_length=30, unique=True)


class Product(models.Model):
    sku = models.SlugField(unique=CHANGED)
    title = models.CharField(max_length=200 if CHANGED else 100, db_index=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=not CHANGED)
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag)
    facts = models.JSONField(null=True)
    stock = models.PositiveIntegerField(default=0)
    if CHANGED:
        note = models.TextField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku", "title"], name="sku_and_title"),
                       models.CheckConstraint(check=models.Q(stock__lt=1000), name="stock_is_small")]
        indexes = [models.Index(fields=["price", "-created"], name="price_and_created")]
