"""The school's further rooms, comments, files, notices and the bin, kept searches and syntheses"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import nic_node.db.base

revision: str = '0003'
down_revision: str | None = '0002'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('sample_rows',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('table_name', sa.String(length=40), nullable=False),
    sa.Column('row_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample_rows')),
    sa.UniqueConstraint('table_name', 'row_id', name=op.f('uq_sample_rows_table_name_row_id'))
    )
    op.create_table('coaching_cycles',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('coach_tag', sa.LargeBinary(), nullable=False),
    sa.Column('educator_tag', sa.LargeBinary(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coaching_cycles'))
    )
    with op.batch_alter_table('coaching_cycles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coaching_cycles_coach_tag'), ['coach_tag'], unique=False)
        batch_op.create_index(batch_op.f('ix_coaching_cycles_educator_tag'), ['educator_tag'], unique=False)

    op.create_table('coaching_notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cycle_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['cycle_id'], ['coaching_cycles.id'], name=op.f('fk_coaching_notes_cycle_id_coaching_cycles')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coaching_notes'))
    )
    with op.batch_alter_table('coaching_notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coaching_notes_cycle_id'), ['cycle_id'], unique=False)

    op.create_table('handover_notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('school_year', sa.String(length=7), nullable=False),
    sa.Column('note', sa.String(length=4000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_handover_notes_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_notes')),
    sa.UniqueConstraint('school_year', name=op.f('uq_handover_notes_school_year'))
    )
    op.create_table('likeness_weights',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_likeness_weights_person_id_people')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_likeness_weights'))
    )
    op.create_table('messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('audience', sa.String(length=10), nullable=False),
    sa.Column('body', sa.String(length=4000), nullable=False),
    sa.Column('written_on', sa.Date(), nullable=False),
    sa.Column('sent_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_messages_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    op.create_table('network_syntheses',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('network_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quarter', sa.String(length=7), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('text', sa.String(length=6000), nullable=False),
    sa.Column('charter_version', sa.Integer(), nullable=False),
    sa.Column('numbers', sa.JSON(), nullable=False),
    sa.Column('written_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('written_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['networks.id'], name=op.f('fk_network_syntheses_network_id_networks')),
    sa.ForeignKeyConstraint(['written_by'], ['people.id'], name=op.f('fk_network_syntheses_written_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_syntheses')),
    sa.UniqueConstraint('network_id', 'quarter', name=op.f('uq_network_syntheses_network_id_quarter'))
    )
    op.create_table('plain_words',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('about', sa.String(length=10), nullable=False),
    sa.Column('about_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_plain_words_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plain_words')),
    sa.UniqueConstraint('about', 'about_id', 'language', name=op.f('uq_plain_words_about_about_id_language'))
    )
    op.create_table('pulse_surveys',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('audience', sa.String(length=10), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('closed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('link', sa.String(length=43), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_pulse_surveys_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pulse_surveys')),
    sa.UniqueConstraint('link', name=op.f('uq_pulse_surveys_link'))
    )
    op.create_table('reflections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('works', sa.String(length=2000), nullable=False),
    sa.Column('off_table', sa.String(length=2000), nullable=False),
    sa.Column('better', sa.String(length=2000), nullable=False),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_reflections_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reflections'))
    )
    op.create_table('saved_searches',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('query', sa.String(length=2000), nullable=False),
    sa.Column('has_digest', sa.Boolean(), nullable=False),
    sa.Column('told_upto', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('feed_hash', sa.String(length=64), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_saved_searches_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_searches')),
    sa.UniqueConstraint('feed_hash', name=op.f('uq_saved_searches_feed_hash'))
    )
    with op.batch_alter_table('saved_searches', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_searches_person_id'), ['person_id'], unique=False)

    op.create_table('staff_years',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('school_year', sa.String(length=7), nullable=False),
    sa.Column('staff', sa.Integer(), nullable=False),
    sa.Column('stayed', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_staff_years_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_years')),
    sa.UniqueConstraint('school_year', name=op.f('uq_staff_years_school_year'))
    )
    op.create_table('today_reach',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mail', sa.String(length=10), nullable=False),
    sa.Column('feed', sa.Integer(), nullable=False),
    sa.Column('mailed_on', sa.Date(), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_today_reach_created_by_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_today_reach_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_today_reach')),
    sa.UniqueConstraint('person_id', name=op.f('uq_today_reach_person_id'))
    )
    op.create_table('pulse_items',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('survey_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('construct', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['survey_id'], ['pulse_surveys.id'], name=op.f('fk_pulse_items_survey_id_pulse_surveys')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pulse_items'))
    )
    with op.batch_alter_table('pulse_items', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pulse_items_survey_id'), ['survey_id'], unique=False)

    op.create_table('pulse_turns',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('survey_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['survey_id'], ['pulse_surveys.id'], name=op.f('fk_pulse_turns_survey_id_pulse_surveys')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pulse_turns')),
    sa.UniqueConstraint('survey_id', 'tag', name=op.f('uq_pulse_turns_survey_id_tag'))
    )
    op.create_table('advice_notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=30), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_advice_notes_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_advice_notes_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_advice_notes')),
    sa.UniqueConstraint('project_id', 'code', name=op.f('uq_advice_notes_project_id_code'))
    )
    op.create_table('project_budgets',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hours', sa.Double(), nullable=True),
    sa.Column('dollars', sa.Double(), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_project_budgets_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_budgets_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_budgets')),
    sa.UniqueConstraint('project_id', name=op.f('uq_project_budgets_project_id'))
    )
    op.create_table('project_follow_ups',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('held', sa.String(length=10), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_project_follow_ups_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_follow_ups_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_follow_ups')),
    sa.UniqueConstraint('project_id', 'day', name=op.f('uq_project_follow_ups_project_id_day'))
    )
    op.create_table('project_inputs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('put_on', sa.Date(), nullable=False),
    sa.Column('what', sa.String(length=120), nullable=False),
    sa.Column('hours', sa.Double(), nullable=False),
    sa.Column('dollars', sa.Double(), nullable=False),
    sa.Column('removed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_project_inputs_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_inputs_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_inputs'))
    )
    with op.batch_alter_table('project_inputs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_inputs_project_id'), ['project_id'], unique=False)

    op.create_table('pulse_counts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['pulse_items.id'], name=op.f('fk_pulse_counts_item_id_pulse_items')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pulse_counts')),
    sa.UniqueConstraint('item_id', 'value', name=op.f('uq_pulse_counts_item_id_value'))
    )
    op.create_table('stopped_things',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('hours_a_week', sa.Double(), nullable=False),
    sa.Column('stopped_on', sa.Date(), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('removed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_stopped_things_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_stopped_things_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stopped_things'))
    )
    with op.batch_alter_table('stopped_things', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stopped_things_project_id'), ['project_id'], unique=False)

    op.create_table('measure_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('measure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['measure_id'], ['measures.id'], name=op.f('fk_measure_links_measure_id_measures')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_measure_links_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measure_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_measure_links_token_hash'))
    )
    with op.batch_alter_table('measure_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_measure_links_measure_id'), ['measure_id'], unique=False)

    op.create_table('binned',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('removed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('removed_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['removed_by'], ['people.id'], name=op.f('fk_binned_removed_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_binned'))
    )
    with op.batch_alter_table('binned', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_binned_removed_at'), ['removed_at'], unique=False)
    op.create_table('comments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject_kind', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_comments_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comments'))
    )
    with op.batch_alter_table('comments', schema=None) as batch_op:
        batch_op.create_index('ix_comments_subject_kind_subject_id', ['subject_kind', 'subject_id'], unique=False)
    op.create_table('attached_files',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_attached_files'))
    )
    op.create_table('attachments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject_kind', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_attachments_created_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachments_sha256'), ['sha256'], unique=False)
        batch_op.create_index('ix_attachments_subject_kind_subject_id', ['subject_kind', 'subject_id'], unique=False)
    op.create_table('notices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('subject_kind', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('about', sa.String(length=200), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('read_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('is_for_mail', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_notices_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices'))
    )
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notices_created_at'), ['created_at'], unique=False)
        batch_op.create_index('ix_notices_person_id_read_at', ['person_id', 'read_at'], unique=False)
    op.create_table('notice_choices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('way', sa.String(length=6), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_notice_choices_created_by_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_notice_choices_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_choices')),
    sa.UniqueConstraint('person_id', 'kind', name=op.f('uq_notice_choices_person_id_kind'))
    )

    op.create_table('causes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('why_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('branch', sa.String(length=12), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('is_chosen', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_causes_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_causes_project_id_projects')),
    sa.ForeignKeyConstraint(['why_id'], ['causes.id'], name=op.f('fk_causes_why_id_causes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_causes'))
    )
    with op.batch_alter_table('causes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_causes_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_causes_why_id'), ['why_id'], unique=False)
    op.create_table('current_processes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('steps', sa.String(length=2000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_current_processes_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_current_processes_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_current_processes')),
    sa.UniqueConstraint('project_id', name=op.f('uq_current_processes_project_id'))
    )
    op.create_table('talks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('with_whom', sa.String(length=10), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('said', sa.String(length=1000), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_talks_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_talks_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_talks'))
    )
    with op.batch_alter_table('talks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_talks_project_id'), ['project_id'], unique=False)
    op.create_table('consensus_checks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('question', sa.String(length=300), nullable=False),
    sa.Column('heard', sa.String(length=400), nullable=False),
    sa.Column('fists', sa.JSON(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_consensus_checks_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_consensus_checks_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consensus_checks'))
    )
    with op.batch_alter_table('consensus_checks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consensus_checks_project_id'), ['project_id'], unique=False)

    op.create_table('drivers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('under_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('because', sa.String(length=400), nullable=False),
    sa.Column('measure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('is_tried', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_drivers_created_by_people')),
    sa.ForeignKeyConstraint(['measure_id'], ['measures.id'], name=op.f('fk_drivers_measure_id_measures')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_drivers_project_id_projects')),
    sa.ForeignKeyConstraint(['under_id'], ['drivers.id'], name=op.f('fk_drivers_under_id_drivers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drivers'))
    )
    with op.batch_alter_table('drivers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_drivers_measure_id'), ['measure_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_drivers_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_drivers_under_id'), ['under_id'], unique=False)
    op.create_table('driver_versions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kept_on', sa.Date(), nullable=False),
    sa.Column('aim', sa.String(length=400), nullable=False),
    sa.Column('drivers', sa.JSON(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_driver_versions_created_by_people')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_driver_versions_project_id_projects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_driver_versions')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_driver_versions_project_id_number'))
    )
    with op.batch_alter_table('driver_versions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_driver_versions_project_id'), ['project_id'], unique=False)

    op.create_table('profile_years',
    sa.Column('school_year', sa.String(length=7), nullable=False),
    sa.Column('numbers', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('school_year', name=op.f('pk_profile_years'))
    )
    with op.batch_alter_table('school_profile', schema=None) as batch_op:
        batch_op.add_column(sa.Column('title_one', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('asian_percent', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('black_percent', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('hispanic_percent', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('native_percent', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('pacific_percent', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('several_percent', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('white_percent', sa.Double(), nullable=True))

    op.create_table('goal_supports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('goal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('what', sa.String(length=200), nullable=False),
    sa.Column('how_much', sa.String(length=60), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_goal_supports_created_by_people')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_goal_supports_goal_id_goals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goal_supports'))
    )
    with op.batch_alter_table('goal_supports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_goal_supports_goal_id'), ['goal_id'], unique=False)

    with op.batch_alter_table('goals', schema=None) as batch_op:
        batch_op.add_column(sa.Column('despite', sa.String(length=400), server_default='', nullable=False))

    with op.batch_alter_table('mirror_acks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('etag', sa.String(length=110), server_default='', nullable=False))

    with op.batch_alter_table('measures', schema=None) as batch_op:
        batch_op.add_column(sa.Column('numerator_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('denominator_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('class_count', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_measures_denominator_id_measures'), 'measures', ['denominator_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_measures_numerator_id_measures'), 'measures', ['numerator_id'], ['id'])

    with op.batch_alter_table('network_logs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restored_at', nic_node.db.base.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table('cycles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('form', sa.String(length=6), server_default='pdsa', nullable=False))
        batch_op.add_column(sa.Column('fidelity', sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column('differed', sa.String(length=400), server_default='', nullable=False))
        batch_op.add_column(sa.Column('scan', sa.String(length=1000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('focus', sa.String(length=1000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('hunch', sa.String(length=1000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('learning', sa.String(length=1000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('action', sa.String(length=1000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('check', sa.String(length=1000), server_default='', nullable=False))

    with op.batch_alter_table('projects', schema=None) as batch_op:
        batch_op.add_column(sa.Column('extended_to', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('extended_because', sa.String(length=400), server_default='', nullable=False))

    with op.batch_alter_table('publishing_retractions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tries', sa.Integer(), server_default='0', nullable=False))



def downgrade() -> None:
    raise NotImplementedError("a landed revision is never taken back: restore a backup instead")
