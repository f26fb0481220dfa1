"""Records of what public claims say, corrections, and the newsroom's findings by their number.

Records that are there keep their digests: those of a finding have no content. The first record of
each public claim's content is written once the tables are there (`factcheck.apps`).
"""

import django.utils.timezone
import factcheck.models.fields
from django.db import migrations, models


# The newsroom's latest finding counts by its number, whatever day its clock said.
_LATEST = """
(SELECT v.status FROM factcheck_verification v
 WHERE v.claim_id = factcheck_claim.id AND v.kind = 'finding' AND v.publisher_id IS NULL
 ORDER BY v.number DESC LIMIT 1)
"""
_BY_NUMBER = f"UPDATE factcheck_claim SET status = {_LATEST} WHERE {_LATEST} <> status"


def list_corrections(apps, schema_editor):
    """List what readers had been told otherwise: retractions, and verdicts that were changed."""
    Verification = apps.get_model("factcheck", "Verification")
    Correction = apps.get_model("factcheck", "Correction")
    using = schema_editor.connection.alias
    rows = Verification.objects.using(using).filter(claim__published_at__isnull=False)
    found = set(
        rows.filter(kind__in=["retraction", "restoration"]).values_list("number", flat=True)
    )
    own = rows.filter(kind="finding", publisher=None)
    changed = own.filter(created_at__gte=models.F("claim__published_at"))
    for number, claim, status in changed.values_list("number", "claim", "status").iterator():
        earlier = Verification.objects.using(using).filter(
            claim=claim, kind="finding", number__lt=number
        )
        # Of publishers the last one says what readers were told; they seldom disagree.
        before = (
            earlier.filter(publisher=None).order_by("-number").first()
            or earlier.order_by("reviewed_on", "number").last()
        )
        if before is not None and before.status not in {"unverified", status}:
            found.add(number)
    Correction.objects.using(using).bulk_create(Correction(number=n) for n in sorted(found))


class Migration(migrations.Migration):

    dependencies = [
        ('factcheck', '0018_reasons_of_any_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='number')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='RemovedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='number')),
                ('digest', models.CharField(max_length=64, verbose_name='digest')),
                ('removed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='removed at')),
            ],
            options={
                'verbose_name': 'removed record',
                'verbose_name_plural': 'removed records',
                'ordering': ['number'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='verification',
            name='verification_kind_known',
        ),
        migrations.AddField(
            model_name='verification',
            name='content',
            field=models.JSONField(blank=True, default=None, editable=False, null=True, verbose_name='content'),
        ),
        migrations.AlterField(
            model_name='verification',
            name='kind',
            field=models.CharField(choices=[('finding', 'Finding'), ('retraction', 'Retraction'), ('restoration', 'Restoration'), ('publication', 'Publication'), ('revision', 'Revision'), ('recount', 'Recount of the sources'), ('confirmation', 'Confirmation of the verdict')], default='finding', max_length=12, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='verification',
            index=models.Index(condition=models.Q(('kind', 'revision')), fields=['claim'], name='verification_revisions'),
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['finding', 'retraction', 'restoration', 'publication', 'revision', 'recount', 'confirmation'])), name='verification_kind_known'),
        ),
        migrations.AlterField(
            model_name='verification',
            name='created_at',
            field=models.DateTimeField(default=factcheck.models.fields.moment, verbose_name='recorded at'),
        ),
        migrations.RunSQL(_BY_NUMBER, migrations.RunSQL.noop),
        migrations.RunPython(list_corrections, migrations.RunPython.noop),
    ]
