"""questions, flags, corrections and witnesses"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import nic_node.db.base

revision: str = '0002'
down_revision: str | None = '0001'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _school_rooms() -> None:
    """Tables of the school's rooms."""
    op.create_table('meetings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('begins_at', sa.String(length=5), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('purpose', sa.String(length=400), nullable=False),
    sa.Column('focus', sa.String(length=400), nullable=False),
    sa.Column('norms', sa.String(length=1000), nullable=False),
    sa.Column('facilitator_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('recorder_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('closing', sa.String(length=2000), nullable=False),
    sa.Column('started_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('minutes_sent_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_meetings_created_by_people')),
    sa.ForeignKeyConstraint(['facilitator_id'], ['people.id'], name=op.f('fk_meetings_facilitator_id_people')),
    sa.ForeignKeyConstraint(['recorder_id'], ['people.id'], name=op.f('fk_meetings_recorder_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meetings'))
    )
    with op.batch_alter_table('meetings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meetings_held_on'), ['held_on'], unique=False)

    op.create_table('meeting_people',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('came', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_meeting_people_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_meeting_people_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_people')),
    sa.UniqueConstraint('meeting_id', 'person_id', name=op.f('uq_meeting_people_meeting_id_person_id'))
    )
    with op.batch_alter_table('meeting_people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_people_person_id'), ['person_id'], unique=False)

    op.create_table('meeting_items',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('topic', sa.String(length=200), nullable=False),
    sa.Column('notes', sa.String(length=4000), nullable=False),
    sa.Column('started_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('removed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_meeting_items_created_by_people')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_meeting_items_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_meeting_items_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_items'))
    )
    with op.batch_alter_table('meeting_items', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_items_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_meeting_items_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_meeting_items_topic'), ['topic'], unique=False)

    op.create_table('meeting_decisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('removed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_meeting_decisions_created_by_people')),
    sa.ForeignKeyConstraint(['item_id'], ['meeting_items.id'], name=op.f('fk_meeting_decisions_item_id_meeting_items')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_meeting_decisions_meeting_id_meetings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_decisions'))
    )
    with op.batch_alter_table('meeting_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_decisions_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_meeting_decisions_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('action_items',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('goal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_action_items_created_by_people')),
    sa.ForeignKeyConstraint(['decision_id'], ['meeting_decisions.id'], name=op.f('fk_action_items_decision_id_meeting_decisions')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_action_items_goal_id_goals')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_action_items_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['owner_id'], ['people.id'], name=op.f('fk_action_items_owner_id_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_action_items_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_items'))
    )
    with op.batch_alter_table('action_items', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_action_items_decision_id'), ['decision_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_items_goal_id'), ['goal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_items_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_items_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_items_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_items_state'), ['state'], unique=False)

    op.create_table('assessments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('vision', sa.String(length=2000), nullable=False),
    sa.Column('priorities', sa.String(length=2000), nullable=False),
    sa.Column('leverage', sa.String(length=2000), nullable=False),
    sa.Column('short_steps', sa.String(length=2000), nullable=False),
    sa.Column('monitoring', sa.String(length=2000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_assessments_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessments'))
    )
    op.create_table('days_off',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_days_off_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_days_off'))
    )
    with op.batch_alter_table('days_off', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_days_off_starts_on'), ['starts_on'], unique=False)

    op.create_table('team_members',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('represents', sa.JSON(), nullable=False),
    sa.Column('duty', sa.String(length=20), nullable=False),
    sa.Column('disposition', sa.String(length=12), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_team_members_created_by_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_team_members_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_members'))
    )
    with op.batch_alter_table('team_members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_team_members_person_id'), ['person_id'], unique=False)

    op.create_table('team_years',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('school_year', sa.String(length=7), nullable=False),
    sa.Column('norms', sa.String(length=1000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_team_years_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_years')),
    sa.UniqueConstraint('school_year', name=op.f('uq_team_years_school_year'))
    )
    op.create_table('assessed_practices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('assessment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessments.id'], name=op.f('fk_assessed_practices_assessment_id_assessments')),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_assessed_practices_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessed_practices'))
    )
    with op.batch_alter_table('assessed_practices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assessed_practices_assessment_id'), ['assessment_id'], unique=False)

    op.create_table('practice_ratings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('practice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.String(length=400), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_practice_ratings_created_by_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_practice_ratings_person_id_people')),
    sa.ForeignKeyConstraint(['practice_id'], ['assessed_practices.id'], name=op.f('fk_practice_ratings_practice_id_assessed_practices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practice_ratings')),
    sa.UniqueConstraint('practice_id', 'person_id', name=op.f('uq_practice_ratings_practice_id_person_id'))
    )
    with op.batch_alter_table('practice_ratings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_practice_ratings_person_id'), ['person_id'], unique=False)

    op.create_table('look_fors',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('is_retired', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_look_fors_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_look_fors_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_look_fors'))
    )
    with op.batch_alter_table('look_fors', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_look_fors_project_id'), ['project_id'], unique=False)

    op.create_table('visits',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=False),
    sa.Column('removed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_visits_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_visits_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits'))
    )
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visits_project_id'), ['project_id'], unique=False)

    op.create_table('visit_marks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('look_for_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seen', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['look_for_id'], ['look_fors.id'], name=op.f('fk_visit_marks_look_for_id_look_fors')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_visit_marks_visit_id_visits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_marks')),
    sa.UniqueConstraint('visit_id', 'look_for_id', name=op.f('uq_visit_marks_visit_id_look_for_id'))
    )
    with op.batch_alter_table('visit_marks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_marks_look_for_id'), ['look_for_id'], unique=False)

    op.create_table('communities',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('focus', sa.String(length=400), nullable=False),
    sa.Column('is_closed', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_communities_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_communities'))
    )
    op.create_table('community_artefacts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('link', sa.String(length=400), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_community_artefacts_community_id_communities')),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_community_artefacts_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_artefacts'))
    )
    with op.batch_alter_table('community_artefacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_artefacts_community_id'), ['community_id'], unique=False)

    op.create_table('community_members',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_community_members_community_id_communities')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_community_members_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_members')),
    sa.UniqueConstraint('community_id', 'person_id', name=op.f('uq_community_members_community_id_person_id'))
    )
    with op.batch_alter_table('community_members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_members_person_id'), ['person_id'], unique=False)

    op.create_table('community_sessions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('stage', sa.String(length=12), nullable=False),
    sa.Column('notes', sa.String(length=2000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_community_sessions_community_id_communities')),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_community_sessions_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_sessions'))
    )
    with op.batch_alter_table('community_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_sessions_community_id'), ['community_id'], unique=False)

    op.create_table('community_trials',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('idea', sa.String(length=400), nullable=False),
    sa.Column('cycle_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_community_trials_community_id_communities')),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_community_trials_created_by_people')),
    sa.ForeignKeyConstraint(['cycle_id'], ['cycles.id'], name=op.f('fk_community_trials_cycle_id_cycles')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_community_trials_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_trials'))
    )
    with op.batch_alter_table('community_trials', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_trials_community_id'), ['community_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_community_trials_cycle_id'), ['cycle_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_community_trials_project_id'), ['project_id'], unique=False)


def upgrade() -> None:
    _school_rooms()
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table('membership_own_rules',
    sa.Column('network', sa.String(length=200), nullable=False),
    sa.Column('relays', sa.JSON(), nullable=False),
    sa.Column('min_issued', sa.Integer(), nullable=True),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('network', name=op.f('pk_membership_own_rules'))
    )
    op.create_table('mirror_witnessed',
    sa.Column('origin', sa.String(length=250), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('root', sa.LargeBinary(), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.Column('cosigned_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('origin', name=op.f('pk_mirror_witnessed'))
    )
    op.create_table('mirror_forks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('log_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.LargeBinary(), nullable=False),
    sa.Column('second', sa.LargeBinary(), nullable=False),
    sa.Column('second_sha256', sa.String(length=64), nullable=False),
    sa.Column('proof', sa.JSON(), nullable=True),
    sa.Column('source', sa.String(length=250), nullable=False),
    sa.Column('seen_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('telling', sa.String(length=10), nullable=False),
    sa.Column('told_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=400), nullable=False),
    sa.Column('choice', sa.String(length=10), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('resolved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('resolved_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['mirror_logs.id'], name=op.f('fk_mirror_forks_log_id_mirror_logs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['resolved_by'], ['people.id'], name=op.f('fk_mirror_forks_resolved_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mirror_forks')),
    sa.UniqueConstraint('log_id', 'second_sha256', name=op.f('uq_mirror_forks_log_id_second_sha256'))
    )
    op.create_table('network_moderation_cases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('network_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('act', sa.String(length=10), nullable=False),
    sa.Column('record', sa.String(length=340), nullable=False),
    sa.Column('jkt', sa.String(length=43), nullable=True),
    sa.Column('from_index', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('upto', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opened_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['networks.id'], name=op.f('fk_network_moderation_cases_network_id_networks')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_moderation_cases'))
    )
    with op.batch_alter_table('network_moderation_cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_network_moderation_cases_network_id'), ['network_id'], unique=False)

    op.create_table('publishing_directory',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('alike', sa.JSON(), nullable=False),
    sa.Column('known', sa.JSON(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('imported_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_publishing_directory_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publishing_directory'))
    )
    op.create_table('mirror_acks',
    sa.Column('log_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('acks', sa.JSON(), nullable=False),
    sa.Column('read_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['mirror_logs.id'], name=op.f('fk_mirror_acks_log_id_mirror_logs'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('log_id', name=op.f('pk_mirror_acks'))
    )
    op.create_table('mirror_sources',
    sa.Column('log_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('url', sa.String(length=250), nullable=False),
    sa.Column('entity', sa.String(length=250), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.Column('etag', sa.String(length=110), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=True),
    sa.Column('asked_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('answered_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('retry_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(length=60), nullable=False),
    sa.Column('trouble_detail', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['mirror_logs.id'], name=op.f('fk_mirror_sources_log_id_mirror_logs'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('log_id', 'url', name=op.f('pk_mirror_sources'))
    )
    op.create_table('network_log_cosigners',
    sa.Column('log_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('vkey', sa.String(length=400), nullable=False),
    sa.Column('entity', sa.String(length=300), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('cosigned_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('asked_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['network_logs.id'], name=op.f('fk_network_log_cosigners_log_id_network_logs')),
    sa.PrimaryKeyConstraint('log_id', 'vkey', name=op.f('pk_network_log_cosigners'))
    )
    op.create_table('network_log_opened',
    sa.Column('log_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('epoch', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['network_logs.id'], name=op.f('fk_network_log_opened_log_id_network_logs')),
    sa.PrimaryKeyConstraint('log_id', 'epoch', 'digest', name=op.f('pk_network_log_opened')),
    sqlite_with_rowid=False
    )
    op.create_table('network_moderation_voices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['network_moderation_cases.id'], name=op.f('fk_network_moderation_voices_case_id_network_moderation_cases')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_network_moderation_voices_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_moderation_voices')),
    sa.UniqueConstraint('case_id', 'person_id', name=op.f('uq_network_moderation_voices_case_id_person_id'))
    )
    with op.batch_alter_table('network_moderation_voices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_network_moderation_voices_case_id'), ['case_id'], unique=False)

    op.create_table('mirror_versions',
    sa.Column('record_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('target', sa.String(length=300), nullable=False),
    sa.Column('changed', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['record_id'], ['mirror_records.id'], name=op.f('fk_mirror_versions_record_id_mirror_records'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('record_id', name=op.f('pk_mirror_versions'))
    )
    with op.batch_alter_table('mirror_versions', schema=None) as batch_op:
        batch_op.create_index('ix_mirror_versions_target', ['target'], unique=False)

    op.create_table('network_forks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('network_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pair_sha256', sa.String(length=64), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('told_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seen_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['network_members.id'], name=op.f('fk_network_forks_member_id_network_members')),
    sa.ForeignKeyConstraint(['network_id'], ['networks.id'], name=op.f('fk_network_forks_network_id_networks')),
    sa.ForeignKeyConstraint(['seen_by'], ['people.id'], name=op.f('fk_network_forks_seen_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_forks')),
    sa.UniqueConstraint('member_id', 'pair_sha256', name=op.f('uq_network_forks_member_id_pair_sha256'))
    )
    with op.batch_alter_table('network_forks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_network_forks_network_id'), ['network_id'], unique=False)

    op.create_table('network_incidents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('network_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('record', sa.String(length=340), nullable=False),
    sa.Column('told_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seen_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['network_members.id'], name=op.f('fk_network_incidents_member_id_network_members')),
    sa.ForeignKeyConstraint(['network_id'], ['networks.id'], name=op.f('fk_network_incidents_network_id_networks')),
    sa.ForeignKeyConstraint(['seen_by'], ['people.id'], name=op.f('fk_network_incidents_seen_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_incidents')),
    sa.UniqueConstraint('member_id', 'record', name=op.f('uq_network_incidents_member_id_record'))
    )
    with op.batch_alter_table('network_incidents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_network_incidents_network_id'), ['network_id'], unique=False)

    op.create_table('publishing_incidents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('release_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('network', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('sealed_note', sa.LargeBinary(), nullable=True),
    sa.Column('done', sa.JSON(), nullable=False),
    sa.Column('telling', sa.String(length=10), nullable=False),
    sa.Column('problem', sa.String(length=400), nullable=False),
    sa.Column('told_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opened_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_publishing_incidents_person_id_people')),
    sa.ForeignKeyConstraint(['release_id'], ['publishing_releases.id'], name=op.f('fk_publishing_incidents_release_id_publishing_releases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publishing_incidents')),
    sa.UniqueConstraint('release_id', name=op.f('uq_publishing_incidents_release_id'))
    )
    op.create_table('measure_marks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('measure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('because', sa.String(length=200), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['measure_id'], ['measures.id'], name=op.f('fk_measure_marks_measure_id_measures')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_measure_marks_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measure_marks')),
    sa.UniqueConstraint('measure_id', 'kind', 'day', name=op.f('uq_measure_marks_measure_id_kind_day'))
    )
    with op.batch_alter_table('measures', schema=None) as batch_op:
        batch_op.add_column(sa.Column('chart_kind', sa.String(length=4), server_default='run', nullable=False))
        batch_op.add_column(sa.Column('run_rules', sa.String(length=10), server_default='anhoej', nullable=False))
        batch_op.add_column(sa.Column('screen_ranges', sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table('memberships', schema=None) as batch_op:
        batch_op.add_column(sa.Column('suspended_heard_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table('mirror_logs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cosigned', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('witnesses', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('shelf', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))

    with op.batch_alter_table('mirror_records', schema=None) as batch_op:
        batch_op.add_column(sa.Column('gone_by', sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column('gone_reason', sa.String(length=40), nullable=True))

    with op.batch_alter_table('network_log_hints', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since', sa.BigInteger(), server_default='0', nullable=False))

    with op.batch_alter_table('network_members', schema=None) as batch_op:
        batch_op.add_column(sa.Column('roles', sa.JSON(), server_default='["publisher"]', nullable=False))
        batch_op.add_column(sa.Column('witness_key', sa.String(length=400), nullable=True))

    with op.batch_alter_table('network_superiors', schema=None) as batch_op:
        batch_op.add_column(sa.Column('told', sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table('network_transitions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('expires_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table('publishing_drafts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=20), server_default='project', nullable=False))
        batch_op.add_column(sa.Column('target', sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column('left_out', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('corrects', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('earlier', sa.JSON(), nullable=True))
        batch_op.alter_column('project_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.create_index(batch_op.f('ix_publishing_drafts_target'), ['target'], unique=False)

    with op.batch_alter_table('publishing_releases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('corrects', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('sealed_facts', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('erased_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.alter_column('project_id',
               existing_type=sa.INTEGER(),
               nullable=True)

    with op.batch_alter_table('publishing_retractions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason', sa.String(length=20), server_default='withdrawn', nullable=False))

    # ### end Alembic commands ###
    _move_second_notes()


def _move_second_notes() -> None:
    """The second note of a fork moves from its log to a row of its own, whose log stays frozen."""
    bind = op.get_bind()
    logs = sa.table('mirror_logs', *(sa.column(name) for name in ('id', 'checkpoint', 'checkpoint_forked', 'log_url')),
                    sa.column('created_at', nic_node.db.base.UtcDateTime()))
    forks = sa.table('mirror_forks', *(sa.column(name) for name in (
        'log_id', 'first', 'second', 'second_sha256', 'source', 'telling', 'problem', 'choice', 'note', 'version')),
                     sa.column('seen_at', nic_node.db.base.UtcDateTime()))
    for row in bind.execute(sa.select(logs).where(logs.c.checkpoint_forked.is_not(None), logs.c.checkpoint.is_not(None))).all():
        bind.execute(forks.insert().values(
            log_id=row.id, first=row.checkpoint, second=row.checkpoint_forked,
            second_sha256=hashlib.sha256(row.checkpoint_forked).hexdigest(), source=row.log_url,
            telling='waiting', problem='', choice='', note='', version=1, seen_at=row.created_at))
    op.execute("ALTER TABLE mirror_logs DROP COLUMN checkpoint_forked")


def downgrade() -> None:
    raise NotImplementedError("a landed revision is never taken back: restore a backup instead")
