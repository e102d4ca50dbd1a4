"""Alembic's entry: runs the migrations on the connection that `sql_schema` hands over."""

from alembic import context
from sqlalchemy import Connection

from assistant.adapters import (
    sql_account_models,
    sql_cohort_models,
    sql_desk_models,
    sql_quota,
    sql_shared_models,
)
from assistant.adapters.sql_models import Base
from assistant.adapters.sql_schema import VERSION_TABLE

connection = context.config.attributes["connection"]
# Their tables belong to the metadata.
assert sql_account_models
assert sql_cohort_models
assert sql_desk_models
assert sql_quota
assert sql_shared_models
assert isinstance(connection, Connection)  # given by `sql_schema.bring_up_to_date`
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
