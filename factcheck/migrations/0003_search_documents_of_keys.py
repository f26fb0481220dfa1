import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("factcheck", "0002_article_seen")]

    operations = [
        # Documents are derived from the claims: they are made anew, not altered.
        migrations.DeleteModel("SearchDocument"),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_document",
                        to="factcheck.claim",
                    ),
                ),
                ("claim_words", models.TextField(default="")),
                ("claim_stems", models.TextField(default="")),
                ("other_words", models.TextField(default="")),
                ("other_stems", models.TextField(default="")),
            ],
        ),
        migrations.RunSQL(
            "INSERT INTO factcheck_search_pending (claim_id) SELECT id FROM factcheck_claim",
            migrations.RunSQL.noop,
        ),
    ]
