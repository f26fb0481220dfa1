from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("factcheck", "0006_epoch")]

    operations = [
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__gte", 1), ("id__lt", 2**32)),
                name="claim_id_fits_in_32_bits",
            ),
        ),
    ]
