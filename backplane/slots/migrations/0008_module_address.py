from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("slots", "0007_assets")]

    operations = [
        migrations.AddField(
            model_name="module",
            name="address",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
