"""Prints the tables of the project's SQLAlchemy models as SQL. cmig runs this, and sets CMIG_DIALECT."""
import os

from sqlalchemy import create_mock_engine

# Import the module with your models, and all others that add tables to the same metadata.
from models import Base

metadata = Base.metadata


def write(statement, *_, **__):
    print(str(statement.compile(dialect=engine.dialect)).strip() + ";")


# No database is connected. With this paramstyle a percent sign stays single.
engine = create_mock_engine(os.environ["CMIG_DIALECT"] + "://", write, paramstyle="named")
metadata.create_all(engine, checkfirst=False)
