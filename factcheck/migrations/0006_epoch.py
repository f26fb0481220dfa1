from django.db import migrations, models

import factcheck.text


class Migration(migrations.Migration):
    dependencies = [("factcheck", "0005_import_progress")]

    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(default=factcheck.text.new_ref, max_length=60)),
            ],
        ),
    ]
