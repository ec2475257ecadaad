"""Obstacles that only the district can remove, what is shared with it, terms; of a closed survey means alone;
a row of properties a record"""

import secrets
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
    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsubscribe', sa.String(length=300), server_default='', nullable=False))
    with op.batch_alter_table('today_reach', schema=None) as batch_op:
        batch_op.add_column(sa.Column('told_upto', sa.BigInteger(), server_default='0', nullable=False))
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(length=5), server_default='', nullable=False))
    with op.batch_alter_table('meeting_items', schema=None) as batch_op:
        batch_op.add_column(sa.Column('waits_because', sa.String(length=300), server_default='', nullable=False))
    with op.batch_alter_table('pulse_items', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mean', sa.Double(), nullable=True))
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mail_id', sa.BigInteger(), nullable=True))
    with op.batch_alter_table('pulse_surveys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answered_by', sa.String(length=8), server_default='link', nullable=False))
    op.create_table('district_schools',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entity', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('shared', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('read_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_district_schools_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_district_schools')),
    sa.UniqueConstraint('entity', name=op.f('uq_district_schools_entity'))
    )
    op.create_table('district_sharing',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entity', sa.String(length=200), nullable=False),
    sa.Column('pinned', sa.JSON(), nullable=False),
    sa.Column('http_keys', sa.JSON(), nullable=False),
    sa.Column('keys_expire_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('shares', sa.JSON(), nullable=False),
    sa.Column('read_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_district_sharing_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_district_sharing'))
    )
    op.create_table('district_answers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('school_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('obstacle_id', sa.Integer(), nullable=False),
    sa.Column('answer', sa.String(length=10), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=False),
    sa.Column('sent_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_district_answers_created_by_people')),
    sa.ForeignKeyConstraint(['school_id'], ['district_schools.id'], name=op.f('fk_district_answers_school_id_district_schools')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_district_answers')),
    sa.UniqueConstraint('school_id', 'obstacle_id', name=op.f('uq_district_answers_school_id_obstacle_id'))
    )
    with op.batch_alter_table('district_answers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_district_answers_school_id'), ['school_id'], unique=False)
    _keep_means_of_surveys()
    _keep_properties_in_rows()


# Property -> how long. Of those that have several values, all stand in one.
PROPERTIES = {
    'rung': 40,
    'decision': 40,
    'direction': 40,
    'problem': 40,
    'subject': 40,
    'grade_bands': 120,
    'idea': 40,
    'cost_band': 40,
    'staff_time_band': 40,
    'context_class': 120,
    'locale': 40,
}
FACETS = {'grade_bands': 'grade-band', 'cost_band': 'cost-band', 'staff_time_band': 'staff-time-band', 'context_class': 'class'}


def _keep_properties_in_rows() -> None:
    """What records are filtered by: a row a record, where it was one a value with an index of its own."""
    op.create_table('mirror_properties',
    sa.Column('record_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    *(sa.Column(name, sa.String(length=length), nullable=True) for name, length in PROPERTIES.items()),
    sa.ForeignKeyConstraint(['record_id'], ['mirror_records.id'], name=op.f('fk_mirror_properties_record_id_mirror_records'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('record_id', name=op.f('pk_mirror_properties'))
    )
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == 'sqlite'
    joined = 'group_concat' if is_sqlite else 'string_agg'
    values = ', '.join(
        f"{joined}(CASE WHEN name = '{FACETS.get(name, name)}' THEN value END, ',')" for name in PROPERTIES
    )
    connection.exec_driver_sql(
        f"INSERT INTO mirror_properties (record_id, {', '.join(PROPERTIES)})"
        f" SELECT record_id, {values} FROM mirror_facets GROUP BY record_id"
    )
    with op.batch_alter_table('mirror_facets', schema=None) as batch_op:
        batch_op.drop_index('ix_mirror_facets_value')
    op.drop_table('mirror_facets')
    if is_sqlite:
        connection.exec_driver_sql("INSERT INTO search_index (search_index, rank) VALUES ('automerge', 8)")


def _keep_means_of_surveys() -> None:
    """Of closed surveys the means stay and the counts go; of open ones each answer becomes a turn."""
    run = op.get_bind().execute
    enough = "CASE WHEN s.audience = 'staff' THEN 5 ELSE 10 END"
    told = run(sa.text(
        "SELECT i.id, SUM(c.value * c.count) AS total, SUM(c.count) AS people FROM pulse_counts c"
        " JOIN pulse_items i ON i.id = c.item_id JOIN pulse_surveys s ON s.id = i.survey_id"
        f" WHERE s.closed_at IS NOT NULL GROUP BY i.id, s.audience HAVING SUM(c.count) >= {enough}"
    )).all()
    for item_id, total, people in told:
        mean = {"mean": round(float(total) / float(people), 1), "id": item_id}
        run(sa.text("UPDATE pulse_items SET mean = :mean WHERE id = :id"), mean)
    closed = "(SELECT i.id FROM pulse_items i JOIN pulse_surveys s ON s.id = i.survey_id WHERE s.closed_at IS NOT NULL)"
    run(sa.text(f"DELETE FROM pulse_counts WHERE item_id IN {closed}"))
    by_link = "SELECT id, answers FROM pulse_surveys WHERE closed_at IS NULL AND audience <> 'staff'"
    for survey_id, answers in run(sa.text(by_link)).all():
        for _answer in range(answers):
            turn = {"survey": survey_id, "tag": secrets.token_bytes(32)}
            run(sa.text("INSERT INTO pulse_turns (survey_id, tag) VALUES (:survey, :tag)"), turn)
    run(sa.text("UPDATE pulse_surveys SET answered_by = 'account' WHERE audience = 'staff'"))
    few = "answers < CASE WHEN audience = 'staff' THEN 5 ELSE 10 END"
    run(sa.text(f"UPDATE pulse_surveys SET answers = 0 WHERE closed_at IS NULL OR {few}"))


def downgrade() -> None:
    raise NotImplementedError("a landed revision is never taken back: restore a backup instead")
