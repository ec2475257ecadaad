"""Obstacles that only the district can remove, what a school shares with it, and the terms of its calendar"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import nic_node.db.base

revision: str = '0004'
down_revision: str | None = '0003'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('obstacles',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('what', sa.String(length=300), nullable=False),
    sa.Column('asks', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('goal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('removed_on', sa.Date(), nullable=True),
    sa.Column('answer', sa.String(length=10), nullable=False),
    sa.Column('answer_note', sa.String(length=400), nullable=False),
    sa.Column('answered_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_obstacles_created_by_people')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_obstacles_goal_id_goals')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_obstacles_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_obstacles'))
    )
    with op.batch_alter_table('obstacles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_obstacles_goal_id'), ['goal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_obstacles_project_id'), ['project_id'], unique=False)
    op.create_table('terms',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('school_year', sa.String(length=7), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_terms_created_by_people')),
    sa.ForeignKeyConstraint(['parent_id'], ['terms.id'], name=op.f('fk_terms_parent_id_terms')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_terms')),
    sa.UniqueConstraint('source', name=op.f('uq_terms_source'))
    )
    with op.batch_alter_table('terms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_terms_parent_id'), ['parent_id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a landed revision is never taken back: restore a backup instead")
