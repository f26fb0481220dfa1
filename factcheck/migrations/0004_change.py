from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("factcheck", "0003_search_documents_of_keys")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_id", models.BigIntegerField(null=True)),
                ("last_id", models.BigIntegerField(null=True)),
                ("weight", models.BigIntegerField(db_default=1, default=1)),
            ],
        ),
    ]
