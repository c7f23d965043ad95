"""A shop. With CHANGED, some columns and constraints are different."""
import enum
import os

from sqlalchemy import (BigInteger, Boolean, CheckConstraint, Column, Date, DateTime, Enum, Float, ForeignKey, Index,
                        Integer, JSON, LargeBinary, Numeric, String, Table, Text, UniqueConstraint, func, text, true)
from sqlalchemy.orm import declarative_base

Base = declarative_base()
CHANGED = "CHANGED" in os.environ


class Size(enum.Enum):
    small = 1
    large = 2


product_tags = Table(
    "product_tags", Base.metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True))


class User(Base):
    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email LIKE '%@%'", name="email_has_at"),)
    id = Column(Integer, primary_key=True)
    email = Column(String(120 if CHANGED else 80), unique=True, index=True, nullable=False)
    name = Column(String(40), nullable=not CHANGED, server_default="somebody")
    is_admin = Column(Boolean, server_default=true(), nullable=False)
    created = Column(DateTime(timezone=True), server_default=func.now())
    if CHANGED:
        role = Column(String(20), nullable=False, server_default="user")


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("title", "size", name="title_and_size"),
                      Index("ix_products_price_title", "price", "title"))
    id = Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    title = Column(String(100), nullable=False, comment="what it's called")
    size = Column(Enum(Size, name="size"))
    price = Column(Numeric(12 if CHANGED else 10, 2))
    weight = Column(Float)
    photo = Column(LargeBinary)
    facts = Column(JSON)
    owner_id = Column(ForeignKey("users.id"), nullable=False, index=CHANGED)
    since = Column(Date)
    description = Column(Text)
    if not CHANGED:
        stock = Column(Integer, server_default=text("3"))


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    name = Column(String(30), nullable=False)
