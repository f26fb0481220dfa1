"""Marks over letters no longer part a word: the claims with such are queued to be keyed anew."""

from django.db import migrations
from django.db.models import Q

from factcheck.text.search_keys import MARKS


def queue(apps, schema_editor):
    using = schema_editor.connection.alias

    def rows(name):
        return apps.get_model('factcheck', name).objects.using(using).order_by()

    def marked(*names):
        found = Q()
        for name in names:
            # One capital that falls into a letter and a mark.
            found |= Q(**{f'{name}__regex': f'[{MARKS}İ]'})
        return found

    claims = set(rows('Claim').filter(marked('text', 'native_text')).values_list('pk', flat=True))
    for model, path, names in (
        ('Claimant', 'claimant', ('name', 'native_name')),
        ('Article', 'article', ('title',)),
        ('Topic', 'topics', ('name',)),
        ('Outlet', 'citations__outlet', ('name', 'native_name')),
        ('OutletAlias', 'citations__outlet__aliases', ('name',)),
    ):
        if ids := list(rows(model).filter(marked(*names)).values_list('pk', flat=True)):
            found = rows('Claim').filter(**{f'{path}__in': ids})
            claims.update(found.values_list('pk', flat=True))
    pending = apps.get_model('factcheck', 'SearchPending')
    pending.objects.using(using).bulk_create(pending(claim_id=pk) for pk in sorted(claims))


class Migration(migrations.Migration):

    dependencies = [
        ('factcheck', '0016_kept_facets'),
    ]

    operations = [
        migrations.RunPython(queue, migrations.RunPython.noop, elidable=True),
    ]
