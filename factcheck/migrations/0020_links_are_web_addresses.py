"""Links are web addresses, whoever writes them, and texts that people write are of some length.

A link that is none is removed first. Records of the log stay as they were recorded.
"""

import sys

import django.core.validators
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

LINKS = (
    ('Outlet', 'homepage'),
    ('Claimant', 'same_as'),
    ('Article', 'url'),
    ('Citation', 'url'),
    ('Citation', 'archived_url'),
)
LOG = (('Verification', 'url'), ('Evidence', 'url'), ('Evidence', 'archived_url'))


def bad(rows, name):
    is_web = Q(**{f'{name}__istartswith': 'http://'}) | Q(**{f'{name}__istartswith': 'https://'})
    return rows.exclude(**{name: ''}).exclude(is_web).order_by('pk')


def remember(versions, row, reason):
    """Add a version to a record's history."""
    names = [field.attname for field in versions.model._meta.concrete_fields]
    values = {name: getattr(row, name) for name in names if hasattr(row, name)}
    versions.create(
        **values, history_date=timezone.now(), history_type='~', history_change_reason=reason
    )


def remove_bad_links(apps, schema_editor):
    using = schema_editor.connection.alias

    def rows(name):
        return apps.get_model('factcheck', name).objects.using(using)

    said = []
    for model, name in LINKS:
        versions = rows(f'Historical{model}')
        for row in bad(rows(model), name):
            link = getattr(row, name)
            if not versions.filter(**{'id': row.pk, name: link}).exists():
                remember(versions, row, 'before a link was removed')
            setattr(row, name, '')
            if model == 'Citation' and name == 'url' and taken(rows(model), row):
                # Reserved for names that are none (RFC 2606): the record stays one of its own.
                row.url = f'http://removed.invalid/{row.pk}'
            rows(model).filter(pk=row.pk).update(**{name: getattr(row, name)})
            remember(versions, row, 'a link that was no web address was removed')
            key = getattr(row, 'slug', None) or row.ref
            said.append(f'{model} {key}: the link {link!r} was removed from {name}.')
    for model, name in LOG:
        if count := bad(rows(model), name).count():
            said.append(f'{model}: {count} records keep a link in {name} that is no web address.')
    for line in said:
        sys.stdout.write(f'\n    {line}')


def taken(citations, row):
    """Return whether another citation has what this one has without its link."""
    same = citations.filter(claim=row.claim_id, outlet=row.outlet_id, date_text=row.date_text)
    return same.filter(url='').exclude(pk=row.pk).exists()


class Migration(migrations.Migration):

    dependencies = [
        ('factcheck', '0019_public_record'),
    ]

    operations = [
        migrations.RunPython(remove_bad_links, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='citation',
            name='quote',
            field=models.TextField(blank=True, default='', help_text='The passage that the claim rests on, as short as will do.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='quoted passage'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='native_text',
            field=models.TextField(blank=True, default='', help_text='The same in the language in which it was made. Readers see both.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='statement in its own language'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='source_text',
            field=models.TextField(blank=True, default='', help_text='For editors only; never published.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name="the article's own sentence"),
        ),
        migrations.AlterField(
            model_name='claim',
            name='text',
            field=models.TextField(help_text='In your own words, in the language below.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='public statement'),
        ),
        migrations.AlterField(
            model_name='historicalcitation',
            name='quote',
            field=models.TextField(blank=True, default='', help_text='The passage that the claim rests on, as short as will do.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='quoted passage'),
        ),
        migrations.AlterField(
            model_name='historicalclaim',
            name='native_text',
            field=models.TextField(blank=True, default='', help_text='The same in the language in which it was made. Readers see both.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='statement in its own language'),
        ),
        migrations.AlterField(
            model_name='historicalclaim',
            name='source_text',
            field=models.TextField(blank=True, default='', help_text='For editors only; never published.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name="the article's own sentence"),
        ),
        migrations.AlterField(
            model_name='historicalclaim',
            name='text',
            field=models.TextField(help_text='In your own words, in the language below.', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='public statement'),
        ),
        migrations.AlterField(
            model_name='historicaloutlet',
            name='note',
            field=models.TextField(blank=True, default='', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='note'),
        ),
        migrations.AlterField(
            model_name='outlet',
            name='note',
            field=models.TextField(blank=True, default='', validators=[django.core.validators.MaxLengthValidator(20000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='note'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='reason',
            field=models.TextField(blank=True, default='', help_text='Markdown. Say what the records show. Where none is needed, begin a line with “No evidence needed:” and say why.', validators=[django.core.validators.MaxLengthValidator(50000, 'This text has %(show_value)s characters. Shorten it to %(limit_value)s or fewer.')], verbose_name='reason'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('url', ''), ('url__istartswith', 'http://'), ('url__istartswith', 'https://'), _connector='OR'), name='article_url_is_web_address', violation_error_message='Write a web address that begins with http:// or https://.'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.CheckConstraint(condition=models.Q(('url', ''), ('url__istartswith', 'http://'), ('url__istartswith', 'https://'), _connector='OR'), name='citation_url_is_web_address', violation_error_message='Write a web address that begins with http:// or https://.'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.CheckConstraint(condition=models.Q(('archived_url', ''), ('archived_url__istartswith', 'http://'), ('archived_url__istartswith', 'https://'), _connector='OR'), name='citation_archived_url_is_web_address', violation_error_message='Write a web address that begins with http:// or https://.'),
        ),
        migrations.AddConstraint(
            model_name='claimant',
            constraint=models.CheckConstraint(condition=models.Q(('same_as', ''), ('same_as__istartswith', 'http://'), ('same_as__istartswith', 'https://'), _connector='OR'), name='claimant_same_as_is_web_address', violation_error_message='Write a web address that begins with http:// or https://.'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.CheckConstraint(condition=models.Q(('homepage', ''), ('homepage__istartswith', 'http://'), ('homepage__istartswith', 'https://'), _connector='OR'), name='outlet_homepage_is_web_address', violation_error_message='Write a web address that begins with http:// or https://.'),
        ),
    ]
